//! What the headers of an archive say: whose film, of what, taken when.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use dicom_core::Tag;
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use rayon::prelude::*;

use super::ArchiveError;
use crate::date::Date;
use crate::film::dicom;
use crate::limb::Side;
use crate::{Film, FilmError, intake};

/// Folders below the source that are looked through.
const DEPTH: usize = 12;

/// Who a patient is in the archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub String);

/// A file of the archive that may be a film.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file.
    pub path: PathBuf,
    /// The person; `None` where neither id nor name and date of birth are there.
    pub identity: Option<Identity>,
    /// The id as the archive writes it, for tables of pseudonyms.
    pub patient_id: String,
    /// When it was taken.
    pub date: Option<Date>,
    /// Within the day, to tell repeated films.
    pub time: String,
    /// `Some(true)` for a hand, `Some(false)` for a foot.
    pub hand: Option<bool>,
    /// The side; `None` where the header is silent.
    pub side: Option<Side>,
    /// The header says that both sides are on it.
    pub both_sides: bool,
    /// Attributes that contradict each other about the limb.
    pub conflicts: Vec<&'static str>,
    /// Why it is not taken.
    pub unfit: Option<String>,
    /// Burned-in text is admitted.
    pub burned_in: bool,
    /// Its size in pixels, columns and rows.
    pub size: (u32, u32),
    /// Everything that must not be in the cohort: attribute and value.
    pub names: Vec<(&'static str, String)>,
}

/// Attributes that name somebody or something, besides dates.
const NAMING: [(Tag, &str); 24] = [
    (tags::PATIENT_NAME, "PatientName"),
    (tags::PATIENT_ID, "PatientID"),
    (Tag(0x0010, 0x1000), "OtherPatientIDs"),
    (tags::OTHER_PATIENT_NAMES, "OtherPatientNames"),
    (tags::PATIENT_BIRTH_NAME, "PatientBirthName"),
    (tags::PATIENT_MOTHER_BIRTH_NAME, "PatientMotherBirthName"),
    (tags::PATIENT_ADDRESS, "PatientAddress"),
    (tags::PATIENT_TELEPHONE_NUMBERS, "PatientTelephoneNumbers"),
    (Tag(0x0010, 0x1090), "MedicalRecordLocator"),
    (tags::ACCESSION_NUMBER, "AccessionNumber"),
    (tags::ADMISSION_ID, "AdmissionID"),
    (tags::STUDY_ID, "StudyID"),
    (tags::INSTITUTION_NAME, "InstitutionName"),
    (tags::INSTITUTION_ADDRESS, "InstitutionAddress"),
    (tags::INSTITUTIONAL_DEPARTMENT_NAME, "InstitutionalDepartmentName"),
    (tags::REFERRING_PHYSICIAN_NAME, "ReferringPhysicianName"),
    (tags::PERFORMING_PHYSICIAN_NAME, "PerformingPhysicianName"),
    (tags::OPERATORS_NAME, "OperatorsName"),
    (tags::NAME_OF_PHYSICIANS_READING_STUDY, "NameOfPhysiciansReadingStudy"),
    (tags::STATION_NAME, "StationName"),
    (tags::DEVICE_SERIAL_NUMBER, "DeviceSerialNumber"),
    (tags::STUDY_INSTANCE_UID, "StudyInstanceUID"),
    (tags::SERIES_INSTANCE_UID, "SeriesInstanceUID"),
    (tags::SOP_INSTANCE_UID, "SOPInstanceUID"),
];

const DATES: [(Tag, &str); 6] = [
    (tags::STUDY_DATE, "StudyDate"),
    (tags::ACQUISITION_DATE, "AcquisitionDate"),
    (tags::CONTENT_DATE, "ContentDate"),
    (tags::SERIES_DATE, "SeriesDate"),
    (tags::DATE_OF_SECONDARY_CAPTURE, "DateOfSecondaryCapture"),
    (tags::PATIENT_BIRTH_DATE, "PatientBirthDate"),
];

/// All DICOM files below a folder, or those that a DICOMDIR lists. What is not DICOM is passed over; `progress` is told files read and in all.
///
/// # Errors
/// A source that cannot be listed.
pub fn scan(source: &Path, progress: impl Fn(usize, usize) + Sync) -> Result<Vec<Found>, ArchiveError> {
    let unreadable = |error: std::io::Error| ArchiveError::Unreadable { path: source.to_owned(), reason: error.to_string() };
    let mut files = Vec::new();
    if fs::metadata(source).map_err(unreadable)?.is_dir() {
        walk(source, DEPTH, &mut files).map_err(unreadable)?;
    } else {
        files = listed(source)?;
    }
    files.sort();
    let (done, total) = (AtomicUsize::new(0), files.len());
    let found = files.par_iter().filter_map(|path| {
        let found = read(path);
        progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        found
    });
    Ok(found.collect())
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && depth > 0 {
            // What lies deeper and cannot be listed is passed over.
            drop(walk(&entry.path(), depth - 1, files));
        } else if kind.is_file() && !entry.file_name().eq_ignore_ascii_case("DICOMDIR") {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The files that a DICOMDIR lists, or the file itself.
fn listed(source: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    let unreadable = |error: std::io::Error| ArchiveError::Unreadable { path: source.to_owned(), reason: error.to_string() };
    let object = dicom::header_elements(source, intake::open(source).map_err(unreadable)?)?;
    let Some(records) = object.get(tags::DIRECTORY_RECORD_SEQUENCE).and_then(|element| element.items()) else {
        return Ok(vec![source.to_owned()]);
    };
    let folder = source.parent().unwrap_or(Path::new("."));
    let path = |record: &InMemDicomObject| {
        let parts = record.get(tags::REFERENCED_FILE_ID)?.to_multi_str().ok()?;
        let parts: Vec<String> = parts.iter().map(|part| part.trim().to_owned()).collect();
        // A file set lies below its directory.
        let inside = !parts.is_empty() && parts.iter().all(|part| !part.is_empty() && part != ".." && !part.contains(['/', '\0']));
        inside.then(|| parts.iter().fold(folder.to_owned(), |path, part| path.join(part)))
    };
    Ok(records.iter().filter_map(path).collect())
}

fn read(path: &Path) -> Option<Found> {
    let mut file = intake::open(path).ok()?;
    let mut start = [0; 132];
    std::io::Read::read_exact(&mut file, &mut start).ok()?;
    if !dicom::is_dicom(&start) {
        return None;
    }
    let object = match intake::open(path)
        .map_err(|error| error.to_string())
        .and_then(|file| dicom::header_elements(path, file).map_err(|e| why(&e)))
    {
        Ok(object) => object,
        Err(reason) => return Some(Found::unfit(path, reason)),
    };
    let text = |tag: Tag| object.get(tag).and_then(|element| element.to_str().ok()).map(|text| clean(&text)).unwrap_or_default();
    let mut names = Vec::new();
    for (tag, name) in NAMING {
        let value = text(tag);
        // A person's name has parts, and several values stand with a backslash.
        let parts = value.split(['\\', '^', '=']).map(clean);
        let whole = value.replace(['^', '='], " ");
        names.extend(parts.chain([clean(&whole)]).filter(|part| !part.is_empty()).map(|part| (name, part)));
    }
    names.extend(DATES.iter().map(|(tag, name)| (*name, text(*tag))).filter(|(_, value)| !value.is_empty()));
    names.sort();
    names.dedup();
    let (id, issuer) = (text(tags::PATIENT_ID), text(tags::ISSUER_OF_PATIENT_ID));
    let by_name = format!("{}|{}", text(tags::PATIENT_NAME).to_uppercase(), text(tags::PATIENT_BIRTH_DATE));
    let identity = match (id.is_empty(), by_name.len() > 8 && !by_name.starts_with('|')) {
        (false, _) => Some(Identity(format!("id|{issuer}|{id}"))),
        (true, true) => Some(Identity(format!("name|{by_name}"))),
        _ => None,
    };
    let day = |tag: Tag| text(tag).parse::<Date>().ok();
    let words = [tags::BODY_PART_EXAMINED, tags::SERIES_DESCRIPTION, tags::STUDY_DESCRIPTION, tags::PROTOCOL_NAME]
        .map(text)
        .map(|text| text.to_lowercase());
    let view = text(tags::VIEW_POSITION).to_uppercase();
    let lateralities = [tags::IMAGE_LATERALITY, tags::LATERALITY].map(text);
    let laterality = lateralities.iter().find(|value| !value.is_empty()).cloned().unwrap_or_default();
    let sides = lateralities.each_ref().map(|value| side_of(value));
    let side = side_of(&laterality).or_else(|| words[1..].iter().find_map(|text| side_in(text)));
    let is_hand = words.iter().find_map(|text| hand(text));
    let differs = |found: Option<Side>| found.is_some() && found != side;
    let conflicts = [
        (sides.into_iter().any(differs), "ImageLaterality and Laterality disagree"),
        (words[1..].iter().any(|text| differs(side_in(text))), "laterality and description disagree about the side"),
        (words.iter().filter_map(|text| hand(text)).any(|found| Some(found) != is_hand), "BodyPartExamined and description disagree"),
    ];
    let size = Film::size(path);
    let unfit = match &size {
        Err(error) => Some(why(error)),
        Ok(_) => other_part(&words[0])
            .or_else(|| (view.contains("LAT") || matches!(view.as_str(), "LL" | "RL")).then(|| "a lateral view".to_owned())),
    };
    Some(Found {
        path: path.to_owned(),
        identity,
        patient_id: id,
        date: day(tags::STUDY_DATE)
            .or_else(|| day(tags::ACQUISITION_DATE))
            .or_else(|| day(tags::CONTENT_DATE))
            .or_else(|| day(tags::SERIES_DATE)),
        time: [tags::ACQUISITION_TIME, tags::CONTENT_TIME, tags::STUDY_TIME]
            .map(text)
            .into_iter()
            .find(|time| !time.is_empty())
            .unwrap_or_default(),
        hand: is_hand,
        side,
        both_sides: matches!(laterality.to_uppercase().as_str(), "B" | "BOTH")
            || (laterality.is_empty() && words[1..].iter().any(|text| both_in(text))),
        conflicts: conflicts.into_iter().filter_map(|(found, what)| found.then_some(what)).collect(),
        unfit,
        burned_in: text(tags::BURNED_IN_ANNOTATION).eq_ignore_ascii_case("YES"),
        size: size.unwrap_or((0, 0)),
        names,
    })
}

impl Found {
    /// All days in its header.
    pub(super) fn dates(&self) -> impl Iterator<Item = Date> + '_ {
        let of_dates = self.names.iter().filter(|(name, _)| DATES.iter().any(|(_, date)| date == name));
        of_dates.filter_map(|(_, value)| value.parse().ok())
    }

    pub(super) fn unfit(path: &Path, reason: String) -> Self {
        Self {
            path: path.to_owned(),
            identity: None,
            patient_id: String::new(),
            date: None,
            time: String::new(),
            hand: None,
            side: None,
            both_sides: false,
            conflicts: Vec::new(),
            unfit: Some(reason),
            burned_in: false,
            size: (0, 0),
            names: Vec::new(),
        }
    }
}

/// The reason without the path, by which equal ones are counted.
pub(super) fn why(error: &FilmError) -> String {
    let text = error.to_string();
    let path = error.path().display().to_string();
    text.strip_prefix(&path).map(|rest| rest.trim_start().to_owned()).unwrap_or(text)
}

fn clean(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\0').split_whitespace().collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Hand or foot, by words in English, German, French, Spanish, Dutch and Italian.
fn hand(text: &str) -> Option<bool> {
    const HANDS: [&str; 20] = [
        "hand",
        "hands",
        "wrist",
        "wrists",
        "finger",
        "fingers",
        "hande",
        "hände",
        "haende",
        "handgelenk",
        "main",
        "mains",
        "mano",
        "manos",
        "mani",
        "handen",
        "thumb",
        "poignet",
        "polso",
        "carpus",
    ];
    const FEET: [&str; 16] = [
        "foot", "feet", "toe", "toes", "forefoot", "fuss", "fuß", "fuesse", "füße", "vorfuss", "vorfuß", "pied", "pieds", "pie", "voet",
        "piede",
    ];
    words(text).find_map(|word| match word {
        _ if HANDS.contains(&word) => Some(true),
        _ if FEET.contains(&word) => Some(false),
        _ => None,
    })
}

/// Why a body part is neither; `None` where it may be one, or is not told.
fn other_part(part: &str) -> Option<String> {
    let unspecific =
        ["", "extremity", "extremities", "limb", "upper extremity", "lower extremity", "arm", "leg", "unknown", "whole body", "wholebody"];
    (hand(part).is_none() && !unspecific.contains(&part)).then(|| format!("BodyPartExamined is {}", part.to_uppercase()))
}

fn side_of(laterality: &str) -> Option<Side> {
    match laterality.to_uppercase().as_str() {
        "L" | "LEFT" => Some(Side::Left),
        "R" | "RIGHT" => Some(Side::Right),
        _ => None,
    }
}

fn has(text: &str, names: &[&str]) -> bool {
    words(text).any(|word| names.contains(&word))
}

/// Whether a description names both sides.
fn both_in(text: &str) -> bool {
    let both = ["both", "bilateral", "bilat", "beide", "beidseits", "bds", "deux", "bilatéral", "ambas", "ambos", "beiden", "entrambe"];
    has(text, &both) || (has(text, &LEFT) && has(text, &RIGHT))
}

const LEFT: [&str; 9] = ["left", "lt", "links", "li", "gauche", "izquierda", "izquierdo", "sinistra", "sinistro"];
const RIGHT: [&str; 10] = ["right", "rt", "rechts", "re", "droite", "droit", "derecha", "derecho", "destra", "destro"];

/// The side that a description names, unless it names both.
fn side_in(text: &str) -> Option<Side> {
    let (left, right) = (has(text, &LEFT), has(text, &RIGHT));
    match (left, right) {
        (true, false) => Some(Side::Left),
        (false, true) => Some(Side::Right),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_several_languages_tell_part_and_side() {
        assert_eq!(["left hand pa", "rx main gauche", "vorfuß re", "chest pa"].map(hand), [Some(true), Some(true), Some(false), None]);
        assert_eq!(side_in("rx main gauche"), Some(Side::Left));
        assert_eq!(side_in("hands left and right"), None);
        assert!(both_in("hands left and right") && both_in("beide hände dp") && !both_in("left hand"));
        assert_eq!(other_part("chest").as_deref(), Some("BodyPartExamined is CHEST"));
        assert_eq!((other_part("hand"), other_part("")), (None, None));
    }
}
