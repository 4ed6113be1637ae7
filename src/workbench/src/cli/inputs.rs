//! What was named on the command line, as films.

use std::path::{Path, PathBuf};

use super::failure::{Failure, Outcome};

/// Endings of files that a folder's films may have.
const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "tif", "tiff", "bmp"];

/// The films that files and folders stand for: a file is itself, a folder its films (those of its `images` folder where it is a cohort).
///
/// # Errors
/// A folder without films.
pub fn films(named: &[PathBuf]) -> Outcome<Vec<PathBuf>> {
    let mut films = Vec::new();
    for path in named {
        if path.is_dir() {
            films.extend(in_folder(path)?);
        } else {
            films.push(path.clone());
        }
    }
    Ok(films)
}

fn in_folder(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let images = folder.join("images");
    let place = if images.is_dir() { images } else { folder.to_path_buf() };
    let entries = place.read_dir().map_err(|error| Failure::user(format!("{} cannot be read: {error}", place.display())))?;
    let mut films: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| has_film_ending(path)).collect();
    films.sort();
    if films.is_empty() {
        let endings = ENDINGS.join(", ");
        return Err(Failure::user(format!(
            "{} holds no films (files ending in {endings}); name a folder that does, or films",
            place.display()
        )));
    }
    Ok(films)
}

fn has_film_ending(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}
