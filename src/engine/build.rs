//! Writes libtorch's folder into the programs' search path, so that they run without `LD_LIBRARY_PATH`.
//!
//! `LD_LIBRARY_PATH` still comes first (these are RUNPATH entries): the same program can be pointed at another PyTorch of the
//! same version. `$ORIGIN/../lib` is where an unpacked archive keeps its libraries.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rerun-if-env-changed=LIBTORCH_LIB");
    let libtorch = std::env::var("LIBTORCH_LIB").or_else(|_| std::env::var("LIBTORCH"));
    println!("cargo:rustc-link-arg=-Wl,--enable-new-dtags");
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/../lib");
    if let Ok(folder) = libtorch {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}/lib");
    }
}
