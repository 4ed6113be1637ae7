//! Label files: read, changed and written without touching anything else, and every fault of an object.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use svh_core::{BBox, BoxProblem, Limb, Task, VocError, VocFile, VocObject};

/// As LabelImg 1.8 writes it: tabs, no declaration, a line break at the end.
const LABELIMG: &str = "<annotation verified=\"yes\">\n\t<folder>images</folder>\n\t<filename>UAB001-LH.jpg</filename>\n\t<path>/data/a &amp; b/images/UAB001-LH.jpg</path>\n\t<source>\n\t\t<database>Unknown</database>\n\t</source>\n\t<size>\n\t\t<width>1104</width>\n\t\t<height>1491</height>\n\t\t<depth>3</depth>\n\t</size>\n\t<segmented>0</segmented>\n\t<object>\n\t\t<name>LH_mcp_2</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>0</truncated>\n\t\t<difficult>0</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>412</xmin>\n\t\t\t<ymin>600</ymin>\n\t\t\t<xmax>498</xmax>\n\t\t\t<ymax>691</ymax>\n\t\t</bndbox>\n\t</object>\n\t<object>\n\t\t<name>LH_pip_5</name>\n\t\t<pose>Unspecified</pose>\n\t\t<truncated>1</truncated>\n\t\t<difficult>1</difficult>\n\t\t<bndbox>\n\t\t\t<xmin>1</xmin>\n\t\t\t<ymin>40</ymin>\n\t\t\t<xmax>60</xmax>\n\t\t\t<ymax>101</ymax>\n\t\t</bndbox>\n\t</object>\n</annotation>\n";

fn parse(text: &str) -> VocFile {
    VocFile::parse(Path::new("narrowing_labels/UAB001-LH.xml"), text).unwrap()
}

/// Problems of LABELIMG with one piece of text replaced.
fn problem(old: &str, new: &str) -> (usize, BoxProblem) {
    assert!(LABELIMG.contains(old));
    let labels = parse(&LABELIMG.replacen(old, new, 1)).labels(Task::Narrowing, Some(Limb::LeftHand), None);
    assert_eq!((labels.boxes.len(), labels.problems.len()), (1, 1), "{labels:?}");
    labels.problems[0].clone()
}

#[test]
fn a_round_trip_changes_no_byte() {
    let declared = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<!-- a note -->\r\n{}", LABELIMG.replace('\n', "\r\n"));
    let odd =
        LABELIMG.replace("<segmented>0</segmented>", "<segmented/><reader id='7'  when=\"today\" ><![CDATA[<x>]]></reader >&#65;<?pi?>");
    let compact = LABELIMG.replace(['\n', '\t'], "");
    let marked = format!("\u{feff}{LABELIMG}");
    for text in [LABELIMG, &declared, &odd, &compact, &marked] {
        assert_eq!(parse(text).to_text(), text);
    }
}

#[test]
fn the_boxes_are_those_of_the_file() {
    let file = parse(LABELIMG);
    assert_eq!(file.size(), Some((1104, 1491)));
    let boxes = file.check(Task::Narrowing, Some(Limb::LeftHand), Some((1104, 1491))).unwrap();
    let found: Vec<_> = boxes.iter().map(|b| (b.joint.label.as_str(), <[f32; 4]>::from(b.bbox), b.difficult)).collect();
    assert_eq!(found, [("LH_mcp_2", [412.0, 600.0, 498.0, 691.0], false), ("LH_pip_5", [1.0, 40.0, 60.0, 101.0], true)]);
}

#[test]
fn a_new_file_looks_as_if_labelimg_had_written_it() {
    let mut file = VocFile::new(Path::new("x.xml"), Path::new("/data/a & b/images/UAB001-LH.jpg"), (1104, 1491));
    for object in parse(LABELIMG).objects() {
        file.add(&object);
    }
    let expected = LABELIMG.replace(" verified=\"yes\"", "").replace("<depth>3", "<depth>1").replace("<truncated>1", "<truncated>0");
    assert_eq!(file.to_text(), expected);
}

#[test]
fn a_corrected_box_changes_its_numbers_and_nothing_else() {
    let mut file = parse(LABELIMG);
    assert!(file.set_box(1, BBox::from([2.0, 40.0, 60.5, 101.0])));
    assert_eq!(file.to_text(), LABELIMG.replace("<xmin>1<", "<xmin>2<").replace("<xmax>60<", "<xmax>60.5<"));
    assert!(!file.set_box(2, BBox::default()));
}

#[test]
fn an_object_that_is_added_and_taken_away_leaves_no_trace() {
    let mut file = parse(LABELIMG);
    file.add(&VocObject { name: "LH_pip_4".to_owned(), bbox: BBox::from([5.0, 5.0, 9.0, 9.0]), difficult: false });
    assert_eq!(file.objects().len(), 3);
    assert!(file.remove(2));
    assert_eq!(file.to_text(), LABELIMG);
    assert!(!file.remove(2));
}

#[test]
fn every_fault_of_an_object_is_named_and_the_other_boxes_are_kept() {
    let (number, unknown) = problem("LH_pip_5", "LH_pip_6");
    assert_eq!(
        (number, unknown.to_string()),
        (2, "`LH_pip_6` is not a joint of narrowing; name it as in LH_mcp_2, or remove the object".to_owned())
    );
    assert!(matches!(problem("LH_mcp_2", "LH_mcp_ip").1, BoxProblem::UnknownJoint { .. }));
    assert!(matches!(problem("LH_mcp_2", "RH_mcp_2").1, BoxProblem::OtherLimb { .. }));
    assert!(matches!(problem("<xmax>498", "<xmax>41").1, BoxProblem::Inverted { .. }));
    assert!(matches!(problem("<xmax>498", "<xmax>412").1, BoxProblem::Inverted { .. }));
    assert!(matches!(problem("<xmax>498", "<xmax>many").1, BoxProblem::NoNumber { .. }));
    assert!(matches!(problem("<xmax>498</xmax>", "").1, BoxProblem::NoNumber { .. }));
    assert!(matches!(problem("<ymax>691", "<ymax>2691").1, BoxProblem::OutsideFilm { .. }));
    assert!(matches!(problem("<xmin>412", "<xmin>-9").1, BoxProblem::OutsideFilm { .. }));
    assert!(matches!(problem("LH_pip_5", "LH_mcp_2").1, BoxProblem::Twice { .. }));
}

#[test]
fn the_strict_check_names_the_file_and_the_object() {
    let file = parse(&LABELIMG.replace("<xmax>498", "<xmax>41"));
    let error = file.check(Task::Narrowing, None, None).unwrap_err().to_string();
    assert_eq!(
        error,
        "narrowing_labels/UAB001-LH.xml, object 1: the box of LH_mcp_2 goes from 412, 600 to 41, 691: xmax must exceed xmin and ymax ymin; draw it again"
    );
}

#[test]
fn labels_for_a_film_of_another_size_are_told() {
    let labels = parse(LABELIMG).labels(Task::Narrowing, None, Some((1491, 1104)));
    assert!(matches!(labels.problems[0], (0, BoxProblem::OtherSize { .. })));
    let off_by_one = parse(&LABELIMG.replace("<xmax>498", "<xmax>1105")).labels(Task::Narrowing, None, None);
    assert_eq!((off_by_one.problems.len(), off_by_one.boxes[0].bbox.x1), (0, 1104.0));
}

#[test]
fn what_is_no_label_file_is_an_error_with_its_line() {
    let read = |text: &str| VocFile::parse(Path::new("a.xml"), text).unwrap_err();
    assert!(matches!(read(&LABELIMG[..LABELIMG.len() - 20]), VocError::NotXml { .. }));
    let crossed = read(&LABELIMG.replacen("</pose>", "</pos>", 1));
    assert!(matches!(crossed, VocError::NotXml { line: 16, .. }), "{crossed}");
    assert!(matches!(read("<html><body/></html>"), VocError::NotVoc { .. }));
    assert!(matches!(read(""), VocError::NotVoc { .. }));
    assert!(matches!(read("not a tag"), VocError::NotVoc { .. }));
    assert!(matches!(read("</annotation>"), VocError::NotXml { .. }));
    assert!(matches!(read(&"<annotation>".repeat(1_000_000)), VocError::NotXml { .. }));
    let missing = VocFile::read(Path::new("no/such.xml")).unwrap_err().to_string();
    assert!(missing.starts_with("no/such.xml cannot be read"), "{missing}");
}

#[test]
fn whatever_is_read_is_written_back_however_damaged() {
    let mut read = 0;
    for at in 0..LABELIMG.len() {
        for damage in ["<", ">", "&", "/", "\"", "\0", "é", "]]>", "<!--", "<?", "<![CDATA["] {
            let text = format!("{}{damage}{}", &LABELIMG[..at], &LABELIMG[at + 1..]);
            let Ok(file) = VocFile::parse(Path::new("a.xml"), &text) else { continue };
            assert_eq!(file.to_text(), text);
            let labels = file.labels(Task::Narrowing, Some(Limb::LeftHand), None);
            // A word for difficult that is neither yes nor no is named beside the box.
            let without = labels.problems.iter().filter(|(_, problem)| !matches!(problem, BoxProblem::UnclearFlag { .. })).count();
            assert!(labels.boxes.len() + without <= 2);
            read += 1;
        }
    }
    assert!(read > 1000, "{read}");
}
