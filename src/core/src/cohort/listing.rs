//! The films in a folder by their names, and a sentence for everything that may be meant as one and is not taken.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::{fs, io};

use crate::intake;

/// The endings of the pictures that are read, in any case.
const FILMS: [&str; 18] =
    ["jpg", "jpeg", "jpe", "jfif", "jif", "pjpeg", "pjp", "png", "tif", "tiff", "btf", "tf8", "bmp", "dib", "dcm", "dicom", "dic", "ima"];

/// Endings of pictures that are not read: in a folder that holds other things too, only these are missed by anybody.
const PICTURES: [&str; 23] = [
    "webp", "gif", "img", "jp2", "j2k", "jpx", "jpf", "jls", "jxl", "jxr", "heic", "heif", "avif", "svg", "pdf", "psd", "raw", "nii",
    "mha", "mhd", "nrrd", "exr", "dng",
];

/// What systems leave in folders.
const LITTER: [&str; 5] = ["thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r", "dicomdir"];

/// Entries that are looked at below a folder of films; who has more has been told enough.
const LOOKED_AT: usize = 20_000;

/// What a folder of films holds.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// File names, sorted.
    pub films: Vec<String>,
    /// One sentence a reason, with the way out.
    pub left_out: Vec<String>,
}

/// Lists a folder; hidden files are none. In a folder that is `all` films everything else is told, otherwise what has the ending of a picture.
///
/// # Errors
/// When the folder cannot be listed to its end.
pub fn list(folder: &Path, all: bool) -> io::Result<Listing> {
    let name_of = |folder: &Path| folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned();
    let mut left = Left { folder: name_of(folder), ..Left::default() };
    let mut films = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let shown = name.to_string_lossy().into_owned();
        if shown.starts_with('.') || LITTER.contains(&shown.to_lowercase().as_str()) {
            continue;
        }
        let ending = ending(&name);
        let is_film = FILMS.contains(&ending.as_str());
        let kind = entry.file_type()?;
        if kind.is_dir() && !is_film {
            left.folders.push(entry.path());
            continue;
        }
        if !is_film {
            if all || PICTURES.contains(&ending.as_str()) {
                left.endings.entry(ending).or_default().add(shown);
            }
            continue;
        }
        // Only what a link points to takes another look at the disk.
        let what = if kind.is_symlink() { pointed_at(&entry.path()) } else { intake::what(kind).map(str::to_owned) };
        match (what, name.into_string()) {
            (Some(what), _) => left.no_files.entry(what).or_default().add(shown),
            (None, Ok(name)) => films.push(name),
            (None, Err(_)) => left.no_unicode.add(shown),
        }
    }
    films.sort_unstable();
    left.folders.sort();
    Ok(Listing { films, left_out: left.sentences(all) })
}

/// What a link leads to that is not a file.
fn pointed_at(path: &Path) -> Option<String> {
    match fs::metadata(path) {
        Ok(data) => intake::what(data.file_type()).map(str::to_owned),
        Err(_) => Some("a broken link".to_owned()),
    }
}

fn ending(name: &OsStr) -> String {
    Path::new(name).extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Some files, one of them by name.
#[derive(Debug, Default)]
struct Some {
    count: usize,
    first: String,
}

impl Some {
    fn add(&mut self, name: String) {
        if self.count == 0 || name < self.first {
            self.first = name;
        }
        self.count += 1;
    }

    /// `3 files (a.dcm...)`, with what verb follows.
    fn files(&self) -> (String, &'static str, &'static str) {
        match self.count {
            1 => (self.first.clone(), "is", "its name"),
            count => (format!("{count} files ({}...)", self.first), "are", "their names"),
        }
    }
}

/// What was met and not taken.
#[derive(Debug, Default)]
struct Left {
    folder: String,
    folders: Vec<std::path::PathBuf>,
    endings: BTreeMap<String, Some>,
    no_files: BTreeMap<String, Some>,
    no_unicode: Some,
}

impl Left {
    fn sentences(&self, all: bool) -> Vec<String> {
        let mut told = Vec::new();
        let folder = &self.folder;
        for (ending, some) in &self.endings {
            let (files, is, _) = some.files();
            let why = match ending.as_str() {
                "" => "a name without an extension such as .png or .jpg is not read as a film".to_owned(),
                ending => format!("films are not read from .{ending} files; export it as JPEG, PNG or TIFF"),
            };
            told.push(format!("{files} in {folder} {is} left out: {why}"));
        }
        for (what, some) in &self.no_files {
            let (files, is, _) = some.files();
            told.push(format!("{files} in {folder} {is} left out: it is {what}, not a file; put the film in its place"));
        }
        if self.no_unicode.count > 0 {
            let (files, is, name) = self.no_unicode.files();
            told.push(format!("{files} in {folder} {is} left out, as {name} {is} not UTF-8; rename the file"));
        }
        told.extend(self.below(all));
        told
    }

    /// Films in folders below: how many, and where the first lies.
    fn below(&self, all: bool) -> Option<String> {
        let (mut found, mut looked) = (Some::default(), 0);
        let mut open: Vec<(std::path::PathBuf, usize)> = self.folders.iter().rev().map(|folder| (folder.clone(), 2)).collect();
        if !all {
            open.retain(|(folder, _)| !is_of_a_cohort(folder));
        }
        let tops = open.len();
        while let Some((folder, depth)) = open.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                looked += 1;
                if looked > LOOKED_AT {
                    break;
                }
                let (path, name) = (entry.path(), entry.file_name());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && depth > 0 => open.push((path, depth - 1)),
                    Ok(kind) if !kind.is_dir() => {
                        let ending = ending(&name);
                        let is_picture = FILMS.contains(&ending.as_str()) || PICTURES.contains(&ending.as_str());
                        if is_picture && !name.to_string_lossy().starts_with('.') {
                            let shown = folder.file_name().map(|folder| Path::new(folder).join(&name)).unwrap_or_default();
                            found.add(shown.to_string_lossy().into_owned());
                        }
                    }
                    _ => {}
                }
            }
        }
        let (files, is, _) = found.files();
        let folders = if tops == 1 { "a folder".to_owned() } else { format!("{tops} folders") };
        (found.count > 0).then(|| {
            format!(
                "{files} in {folders} below {} {is} left out: films lie directly in one folder, named PATIENT-LIMB, such as PHA001-LH.jpg; move and \
                 rename them",
                self.folder
            )
        })
    }
}

/// Folders that a cohort has beside its films.
fn is_of_a_cohort(folder: &Path) -> bool {
    const OWN: [&str; 8] = ["images", "narrowing_labels", "erosion_labels", "runs", "reviews", "models", "crops", "contact-sheets"];
    folder.file_name().is_some_and(|name| OWN.iter().any(|own| name == *own))
}
