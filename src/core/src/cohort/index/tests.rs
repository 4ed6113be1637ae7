//! An index is true or it is not used.

use std::time::{Duration, Instant};

use super::*;
use crate::{GradeRow, joint};

fn cohort(folder: &Path, patients: usize) {
    let mut table = GradeTable::new();
    for name in [FILMS_FOLDER, labels_folder(Task::Narrowing)] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    for patient in 0..patients {
        let id = format!("P{patient}");
        let mut row = GradeRow::default();
        for joint in joint::all().skip(patient) {
            row.set(joint, Some(u8::try_from(patient % 5).unwrap())).unwrap();
        }
        table.insert(&id, row);
        fs::write(folder.join(FILMS_FOLDER).join(format!("{id}-LH.{}", ["jpg", "bmp"][patient % 2])), b"").unwrap();
    }
    fs::write(folder.join(FILMS_FOLDER).join("scan.png"), b"").unwrap();
    fs::write(folder.join(FILMS_FOLDER).join("P0_LH.png"), b"").unwrap();
    fs::write(folder.join("narrowing_labels/P1-LH.xml"), b"<annotation></annotation>").unwrap();
    let text =
        table.to_csv().lines().enumerate().map(|(at, line)| format!("{line},{}\n", if at == 0 { "Sex" } else { "f" })).collect::<String>();
    fs::write(folder.join(TABLE_NAME), text).unwrap();
}

fn same(a: &Cohort, b: &Cohort) {
    assert_eq!((a.root(), a.patients(), a.problems(), &a.films_folder), (b.root(), b.patients(), b.problems(), &b.films_folder));
    let (a, b) = (a.grades().unwrap(), b.grades().unwrap());
    assert_eq!((a.patients(), a.rows(), a.extra_columns()), (b.patients(), b.rows(), b.extra_columns()));
    for place in 0..a.len() {
        assert_eq!((a.given_totals(place), a.extras(place)), (b.given_totals(place), b.extras(place)));
        assert_eq!(b.position(&a.patients()[place]), Some(place));
    }
}

/// When a folder made now counts as left alone.
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(60)
}

/// Waits until the clock of the file system has moved on, so that a change made now has a time of its own: the kernel's clock for files has ticks of
/// some milliseconds.
fn next_tick(folder: &Path) {
    let probe = folder.join("probe");
    let time = || {
        fs::write(&probe, b"").unwrap();
        fs::metadata(&probe).unwrap().modified().unwrap()
    };
    let (first, deadline) = (time(), Instant::now() + Duration::from_secs(20));
    while time() == first {
        assert!(Instant::now() < deadline, "the clock of the file system stands still");
    }
}

#[test]
fn a_settled_cohort_is_opened_from_its_index_and_every_change_is_noticed() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (root, place) = (folder.path(), cache.path().join("deep/cohort.idx"));
    cohort(root, 7);
    // Too young: another change in the same tick could not be told.
    let scanned = open_at(root, &place, 1, SystemTime::now()).unwrap();
    assert!(!place.exists());
    open_at(root, &place, 100, later()).unwrap();
    assert!(!place.exists(), "a small cohort needs none");
    open_at(root, &place, 1, later()).unwrap();
    let indexed = read(root, &place, &Stamp::of(root)).expect("the index is true");
    same(&scanned, &indexed);
    assert_eq!((indexed.problems().len(), indexed.patients().len()), (1, 8));
    same(&scanned, &open_at(root, &place, 1, later()).unwrap());
    // Each of these must be seen, though sizes stay or times are set back.
    let table = root.join(TABLE_NAME);
    let changes: [&dyn Fn(); 5] = [
        &|| fs::write(root.join(FILMS_FOLDER).join("P3-RF.jpg"), b"").unwrap(),
        &|| fs::rename(root.join(FILMS_FOLDER).join("P3-RF.jpg"), root.join(FILMS_FOLDER).join("P4-RF.jpg")).unwrap(),
        &|| fs::write(root.join("narrowing_labels/P3-LH.xml"), b"<annotation></annotation>").unwrap(),
        &|| fs::create_dir(root.join("erosion_labels")).unwrap(),
        &|| {
            let (text, time) = (fs::read_to_string(&table).unwrap(), fs::metadata(&table).unwrap().modified().unwrap());
            fs::write(&table, text.replacen(",1,", ",2,", 1)).unwrap();
            fs::File::options().write(true).open(&table).unwrap().set_modified(time).unwrap();
        },
    ];
    for (number, change) in changes.iter().enumerate() {
        open_at(root, &place, 1, later()).unwrap();
        assert!(read(root, &place, &Stamp::of(root)).is_some(), "before change {number}");
        next_tick(cache.path());
        change();
        assert!(read(root, &place, &Stamp::of(root)).is_none(), "after change {number}");
        same(&scan::open(root).unwrap(), &open_at(root, &place, 1, later()).unwrap());
    }
}

#[test]
fn a_damaged_index_is_passed_over() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (root, place) = (folder.path(), cache.path().join("cohort.idx"));
    cohort(root, 3);
    let scanned = scan::open(root).unwrap();
    let stamp = Stamp::of(root);
    write(&scanned, &place, &stamp).unwrap();
    same(&scanned, &read(root, &place, &stamp).unwrap());
    let whole = fs::read(&place).unwrap();
    for length in 0..whole.len() {
        fs::write(&place, &whole[..length]).unwrap();
        assert!(read(root, &place, &stamp).is_none(), "cut to {length} bytes");
    }
    // A flipped bit must not make it panic; grades beyond their scale are refused.
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x81;
        fs::write(&place, &bytes).unwrap();
        if let Some(cohort) = read(root, &place, &stamp) {
            let rows = cohort.grades().map_or(&[][..], GradeTable::rows);
            assert!(rows.iter().flat_map(GradeRow::known).all(|(joint, grade)| grade <= joint.max_grade));
        }
    }
    // The index of another folder.
    let other = tempfile::tempdir().unwrap();
    cohort(other.path(), 3);
    fs::write(&place, &whole).unwrap();
    assert!(read(other.path(), &place, &Stamp::of(other.path())).is_none());
}
