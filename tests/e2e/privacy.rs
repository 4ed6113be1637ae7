//! Nothing of a patient but the pseudonym leaves the headers of DICOM films: commands, runs, the workbench in a pty, and everything that they write are searched for what only the headers
//! hold. And who can read what is written.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use svh_core::Film;
use svh_tests::{
    cohort,
    program::{run, svh, workbench},
    terminal::{Persona, Terminal},
};

/// What the headers say of the patient, of the study and of where it was made; nothing else has any of it.
const TELLING: [&str; 12] = [
    "Quastenfloss",
    "Wilhelmine",
    "XK-990817",
    "19370419",
    "20110923",
    "ACC5550192",
    "Krankenhaus Zwiebelturm",
    "Drachenfels",
    "KNOCHENBOX",
    "1.2.276.0.99.8171",
    "1937-04-19",
    "2011-09-23",
];

/// An element in explicit VR, little endian.
fn element(out: &mut Vec<u8>, group: u16, number: u16, vr: &str, value: &[u8]) {
    let mut value = value.to_vec();
    if value.len() % 2 == 1 {
        value.push(if vr == "UI" { 0 } else { b' ' });
    }
    out.extend(group.to_le_bytes());
    out.extend(number.to_le_bytes());
    out.extend(vr.as_bytes());
    if matches!(vr, "OB" | "OW") {
        out.extend([0, 0]);
        out.extend((value.len() as u32).to_le_bytes());
    } else {
        out.extend((value.len() as u16).to_le_bytes());
    }
    out.extend(value);
}

/// A film as an archive has it, with everything in its header.
fn dicom(film: &Film) -> Vec<u8> {
    let mut meta = Vec::new();
    element(&mut meta, 2, 1, "OB", &[0, 1]);
    element(&mut meta, 2, 2, "UI", b"1.2.840.10008.5.1.4.1.1.1");
    element(&mut meta, 2, 3, "UI", b"1.2.276.0.99.8171");
    element(&mut meta, 2, 0x10, "UI", b"1.2.840.10008.1.2.1");
    let mut out = [vec![0; 128], b"DICM".to_vec()].concat();
    element(&mut out, 2, 0, "UL", &(meta.len() as u32).to_le_bytes());
    out.extend(meta);
    let text = |out: &mut Vec<u8>, group, number, vr: &str, value: &str| element(out, group, number, vr, value.as_bytes());
    text(&mut out, 8, 0x16, "UI", "1.2.840.10008.5.1.4.1.1.1");
    text(&mut out, 8, 0x18, "UI", "1.2.276.0.99.8171");
    text(&mut out, 8, 0x20, "DA", "20110923");
    text(&mut out, 8, 0x50, "SH", "ACC5550192");
    text(&mut out, 8, 0x60, "CS", "CR");
    text(&mut out, 8, 0x80, "LO", "Krankenhaus Zwiebelturm");
    text(&mut out, 8, 0x90, "PN", "Drachenfels^Ottokar");
    text(&mut out, 8, 0x1010, "SH", "KNOCHENBOX");
    text(&mut out, 8, 0x103e, "LO", "Hand Quastenfloss");
    text(&mut out, 0x10, 0x10, "PN", "Quastenfloss^Wilhelmine");
    text(&mut out, 0x10, 0x20, "LO", "XK-990817");
    text(&mut out, 0x10, 0x30, "DA", "19370419");
    text(&mut out, 0x18, 0x15, "CS", "HAND");
    text(&mut out, 0x18, 0x1164, "DS", "0.15\\0.15");
    text(&mut out, 0x20, 0xd, "UI", "1.2.276.0.99.8171.1");
    let number = |out: &mut Vec<u8>, number, value: u16| element(out, 0x28, number, "US", &value.to_le_bytes());
    number(&mut out, 2, 1);
    text(&mut out, 0x28, 4, "CS", "MONOCHROME2");
    number(&mut out, 0x10, film.height as u16);
    number(&mut out, 0x11, film.width as u16);
    for (place, value) in [(0x100, 16), (0x101, 16), (0x102, 15), (0x103, 0)] {
        number(&mut out, place, value);
    }
    let pixels: Vec<u8> = film.pixels.iter().flat_map(|value| value.to_le_bytes()).collect();
    element(&mut out, 0x7fe0, 0x10, "OW", &pixels);
    out
}

/// All files below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let (mut open, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(place) = open.pop() {
        for entry in fs::read_dir(place).into_iter().flatten().flatten() {
            if entry.path().is_dir() { open.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files
}

/// Asserts that bytes hold nothing of the headers, as text of 8 or 16 bits, in any case of letters.
fn names_nobody(what: &str, bytes: &[u8]) {
    let folded = bytes.to_ascii_lowercase();
    for value in TELLING {
        let narrow = value.to_ascii_lowercase().into_bytes();
        let wide: Vec<u8> = narrow.iter().flat_map(|byte| [*byte, 0]).collect();
        for wanted in [narrow, wide] {
            assert!(!folded.windows(wanted.len()).any(|window| window == wanted), "{value} is in {what}");
        }
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The user's own places, all below one folder.
fn own(home: &Path) -> [(&'static str, PathBuf); 5] {
    [
        ("HOME", home.to_owned()),
        ("XDG_CACHE_HOME", home.join("cache")),
        ("XDG_STATE_HOME", home.join("state")),
        ("XDG_CONFIG_HOME", home.join("config")),
        ("SVH_CONFIG_HOME", home.join("config/svh")),
    ]
}

/// A cohort of one hand of each patient, as DICOM under pseudonyms, with the readers' labels and grades; its folder is shared by a group.
fn of_dicom() -> tempfile::TempDir {
    let cohort = cohort::copy();
    let root = cohort.path();
    for film in below(&root.join("images")) {
        if film.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("-LH")) {
            fs::write(film.with_extension("dcm"), dicom(&Film::open(&film).unwrap())).unwrap();
        }
        fs::remove_file(film).unwrap();
    }
    fs::write(root.join("visits.csv"), "Patient_ID,patient,visit,months\nPHA001,A,1,0\nPHA002,A,2,12\n").unwrap();
    cohort
}

fn command(home: &Path, words: &[&str]) -> Command {
    let mut command = svh();
    command.envs(own(home)).args(["--device", "cpu"]).args(words);
    command
}

#[test]
fn nothing_of_a_header_is_written_printed_or_shown() {
    let (cohort, home) = (of_dicom(), tempfile::tempdir().unwrap());
    let (root, home) = (cohort.path(), home.path());
    fs::set_permissions(root, fs::Permissions::from_mode(0o2770)).unwrap();
    let at = |name: &str| root.join(name).display().to_string();
    let (c, first) = (root.display().to_string(), at("runs/first"));
    // A film whose header is cut off behind the names, which is told in a sentence.
    let whole = fs::read(root.join("images/PHA001-LH.dcm")).unwrap();
    fs::write(root.join("images/PHA003-LH.dcm"), &whole[..whole.len() / 2]).unwrap();
    for (words, status) in [
        (vec!["score", &c, "--out", &first], 2),
        (vec!["detect", &at("images/PHA001-LH.dcm"), &at("images/PHA003-LH.dcm")], 2),
        (vec!["label", &c], 2),
        (vec!["summary", &c, "--json"], 0),
        (vec!["evaluate", &c, "--run", "first", "--json"], 0),
        (vec!["progression", &c, "--run", "first", "--json"], 0),
        (vec!["report", "PHA001", "--cohort", &c, "--out", &at("PHA001.html")], 0),
        (vec!["report", &first, "--out", &at("first.html")], 0),
        (vec!["export", "coco", &c, &at("exported")], 0),
        (vec!["runs", &c], 0),
        (vec!["doctor"], 0),
    ] {
        let ran = run(&mut command(home, &words));
        assert!(ran.status == Some(status) || ran.status == Some(0), "{words:?}: {ran:?}");
        names_nobody(&format!("the output of {words:?}"), format!("{}{}", ran.stdout, ran.stderr).as_bytes());
    }

    // The workbench: films and reviews, why a grade was given (kept in the cache), and a run that it starts.
    let mut words = workbench(root);
    for (name, place) in own(home) {
        words.env(name, place);
    }
    words.args(["--device", "cpu", "--reader", "anna"]);
    let terminal = Terminal::start(Persona::Kitty, 100, 30, words);
    terminal.wait_for("PHA002");
    terminal.keys("\r");
    terminal.wait_for("0.15 mm at the detector");
    terminal.keys("h");
    terminal.wait("the map is kept", Duration::from_secs(60), |_| !below(&home.join("cache")).is_empty());
    terminal.keys("\x7fV!look\r");
    terminal.wait_for("look");
    terminal.keys("P");
    terminal.wait_for("patients");
    terminal.keys("G\r");
    terminal.wait_for("PHA003-LH.dcm");
    terminal.keys("Ra");
    terminal.wait_for("score the cohort");
    terminal.keys_drawn("\x1b[A");
    terminal.keys("\r");
    terminal.wait("a run was started", Duration::from_secs(60), |_| !below(&home.join("state")).is_empty());
    terminal.wait("it has ended", Duration::from_secs(60), |seen| seen.text.contains("ended:"));
    terminal.keys("q");
    terminal.wait_for_rest(Duration::from_millis(300));
    let seen = terminal.now();
    names_nobody("what the terminal got", &seen.bytes);
    for title in [&b"\x1b]0;"[..], b"\x1b]1;", b"\x1b]2;", b"\x1bk"] {
        assert!(!seen.bytes.windows(title.len()).any(|window| window == title), "a window's title is set");
    }
    drop(terminal);

    // The films themselves, which an export hands on as they are, have their headers.
    let is_film = |path: &Path| path.extension().is_some_and(|extension| extension == "dcm");
    let written: Vec<PathBuf> = below(root).into_iter().chain(below(home)).filter(|path| !is_film(path)).collect();
    for name in ["runs/first/run.json", "runs/first/results.jsonl", "PHA001.html", "first.html", "exported/narrowing.coco.json"] {
        assert!(written.contains(&root.join(name)), "{name}: {written:?}");
    }
    for path in &written {
        names_nobody(&path.display().to_string(), &fs::read(path).unwrap());
    }
    // The user's own places are closed to others, the cohort is open to its group.
    for path in below(home) {
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
        let folders = path.ancestors().skip(1).take_while(|folder| *folder != home);
        folders.for_each(|folder| assert_eq!(mode(folder) & 0o077, 0, "{}", folder.display()));
    }
    let new = written.iter().filter(|path| path.starts_with(root.join("runs")) || path.starts_with(root.join("reviews")));
    for path in new.chain([&root.join("first.html"), &root.join("exported/narrowing.coco.json")]) {
        assert_eq!(mode(path), 0o660, "{}", path.display());
    }
    assert_eq!((mode(&root.join("runs")), mode(&root.join("runs/first"))), (0o2770, 0o2770));
}

#[test]
fn with_private_set_everything_new_is_for_its_owner_alone_and_the_doctor_says_who_reads_what() {
    let (cohort, home) = (of_dicom(), tempfile::tempdir().unwrap());
    let (root, home) = (cohort.path(), home.path());
    fs::set_permissions(root, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir_all(home.join("config/svh")).unwrap();
    fs::write(home.join("config/svh/config.toml"), "private = true\n").unwrap();
    let (c, out) = (root.display().to_string(), root.join("runs/one"));
    let scored = run(&mut command(home, &["score", &c, "--out", &out.display().to_string(), "--quiet"]));
    assert_eq!(scored.status, Some(0), "{scored:?}");
    let files = below(&root.join("runs"));
    assert!(files.len() >= 5, "{files:?}");
    for path in &files {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    assert_eq!((mode(&root.join("runs")), mode(&out)), (0o700, 0o700));
    let told = run(&mut command(home, &["doctor"])).stdout;
    assert!(told.contains("read by the owner alone, as `private` is set"), "{told}");
    // The settings' folder was made by hand and is open.
    fs::set_permissions(home.join("config/svh"), fs::Permissions::from_mode(0o755)).unwrap();
    let told = run(&mut command(home, &["doctor"])).stdout;
    let line = told.lines().find(|line| line.contains("privacy")).unwrap();
    assert!(line.starts_with("note") && line.contains("settings in ") && line.contains("read by everybody on this machine"), "{told}");
}
