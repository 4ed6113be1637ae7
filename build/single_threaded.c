/* For programs linked by oldlink.py: GNU's C++ headers ask this variable of glibc 2.32 whether atomics may be left out. The answer no is always right. */
char __libc_single_threaded = 0;
