"""The measures on real films that `build/real_films.py` prints."""
