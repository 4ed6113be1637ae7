//! `training.csv` as the challenge, spreadsheets and pandas write it, and everything that can be wrong with it.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use svh_core::ra2::{Fill, TableError, predictions_csv};
use svh_core::score::JointScore;
use svh_core::{GradeTable, OpenJoint, PatientScore, joint};

/// A table of this header and these lines, a `*` in a line standing for `0` in all the columns that are left.
fn table(header: &[&str], lines: &[&str]) -> String {
    let mut text = header.join(",") + "\n";
    for line in lines {
        let given = line.matches(',').count();
        let zeros = vec!["0"; header.len() - given].join(",");
        text += &(line.replace('*', &zeros) + "\n");
    }
    text
}

fn template() -> Vec<&'static str> {
    joint::template_columns().iter().map(String::as_str).collect()
}

fn parse(text: &str) -> Result<GradeTable, TableError> {
    GradeTable::parse(Path::new("training.csv"), text.as_bytes())
}

fn grade(table: &GradeTable, patient: &str, column: &str) -> Option<u8> {
    table.get(patient).unwrap().get(joint::by_column(column).unwrap())
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let mut columns = template();
    columns.reverse();
    // Reversed, the first cell is RF_mtp_J__5 and the last one the patient.
    let zeros = vec!["0"; 88].join(",");
    let table = parse(&format!("{}\n4,{zeros},UAB001\n", columns.join(","))).unwrap();
    assert_eq!(table.patients(), ["UAB001"]);
    assert_eq!(grade(&table, "UAB001", "RF_mtp_J__5"), Some(4));
    assert_eq!(grade(&table, "UAB001", "RF_mtp_J__4"), Some(0));
}

#[test]
fn missing_grades_are_none_however_they_are_written() {
    let text = table(&template(), &["A,0,0,0,,NA,nan,NaN,null,N/A,None,3.0,*"]);
    let table = parse(&text).unwrap();
    let row = table.get("A").unwrap();
    assert_eq!((row.scored(), row.totals().overall), (79, Some(3)));
    assert_eq!(grade(&table, "A", "LH_mcp_E__3"), Some(3));
}

#[test]
fn a_byte_order_mark_crlf_and_quoted_ids_are_read() {
    let text = format!("\u{feff}{}", table(&template(), &["\"A, the first\",*", " B ,*", "", "\"C\"\"\",*"])).replace('\n', "\r\n");
    // The comma in the id is none of the header's.
    let text = text.replace("\"A, the first\",", "\"A, the first\",0,");
    let table = parse(&text).unwrap();
    assert_eq!(table.patients(), ["A, the first", "B", "C\""]);
}

#[test]
fn what_is_read_is_written_back_in_template_order_with_extra_columns_and_given_totals() {
    let mut header = template();
    header.push("Centre, city");
    let zeros = vec!["0"; 83].join(",");
    let line = format!("UAB001,7,5.5,2,,1,2,{zeros},\"Ulm, \"\"Süd\"\"\"\n");
    let text = header.join(",").replace("Centre, city", "\"Centre, city\"") + "\n" + &line;
    let table = parse(&text).unwrap();
    assert_eq!(table.extra_columns(), ["Centre, city"]);
    assert_eq!(table.extras(0), ["Ulm, \"Süd\""]);
    assert_eq!(table.to_csv(), text);
}

#[test]
fn changed_grades_lose_the_totals_of_the_file() {
    let mut table = parse(&table(&template(), &["A,9,9,9,*"])).unwrap();
    let mut row = *table.get("A").unwrap();
    row.set(joint::by_column("LF_mtp_E__ip").unwrap(), Some(10)).unwrap();
    table.insert("A", row);
    assert_eq!(table.given_totals(0), [None; 3]);
    assert!(table.to_csv().contains("\nA,10,10,0,"));
}

#[test]
fn every_fault_names_file_line_column_and_way_out() {
    let fault = |lines: &[&str]| parse(&table(&template(), lines)).unwrap_err().to_string();
    let range = fault(&["A,*", "B,0,0,0,6,*"]);
    assert_eq!(
        range,
        "training.csv, line 3, column LH_mcp_E__ip: grade 6 is out of range, the scale goes from 0 to 5; correct it or leave the cell empty"
    );
    assert!(fault(&["A,0,0,0,-1,*"]).contains("grade -1 is out of range"));
    assert!(fault(&["A,0,0,0,2.5,*"]).contains("line 2, column LH_mcp_E__ip: `2.5` is not a whole number"));
    assert!(fault(&["A,0,0,0,two,*"]).contains("`two` is not a whole number; write a grade, or leave the cell empty"));
    assert!(fault(&["A,*", "B,*", "A,*"]).contains("line 4, column Patient_ID: patient A is already in line 2"));
    assert!(fault(&[",*"]).contains("line 2, column Patient_ID: the id is empty"));
    assert!(parse(&table(&template(), &["A,*", "", "B,0,0,0,9,*"]).replace('\n', "\r\n")).unwrap_err().to_string().contains("line 4"));
    assert!(fault(&["A,1,2"]).contains("line 2: 3 cells where the header has 90"));
}

#[test]
fn a_missing_column_is_named_and_a_repeated_one_too() {
    let mut columns = template();
    columns.retain(|name| !["RH_pip_J__3", "LF_mtp_E__ip"].contains(name));
    let error = parse(&table(&columns, &["A,*"])).unwrap_err().to_string();
    assert!(error.starts_with("training.csv has no column RH_pip_J__3 (and 1 more); add it"), "{error}");
    columns.extend(["RH_pip_J__3", "LF_mtp_E__ip", "LF_mtp_E__1"]);
    assert!(matches!(parse(&table(&columns, &[])), Err(TableError::RepeatedColumn { column, .. }) if column == "LF_mtp_E__1"));
    assert!(matches!(parse(&template().join("|")), Err(TableError::NotCommas { .. })));
    assert_eq!(parse(&template().join(";")).unwrap().len(), 0);
    assert!(matches!(parse("\n\n"), Err(TableError::Empty { .. })));
    let error = GradeTable::read(Path::new("no/such/training.csv")).unwrap_err().to_string();
    assert!(error.starts_with("no/such/training.csv cannot be read"), "{error}");
}

#[test]
fn predictions_have_the_90_columns_and_sum_what_they_hold() {
    let score = |grade: usize| JointScore::from_probabilities((0..5).map(|g| f32::from(u8::from(g == grade))).collect());
    let joints = BTreeMap::from([("LH_pip_J__2".to_owned(), score(3)), ("RF_mtp_E__1".to_owned(), score(4))]);
    let patients = [PatientScore::new("UAB007".to_owned(), joints, 86)];
    let csv = predictions_csv(&patients, Fill::default());
    let [header, line] = csv.lines().collect::<Vec<_>>()[..] else { panic!("{csv}") };
    assert_eq!(header, joint::template_columns().join(","));
    assert!(line.starts_with("UAB007,7,4,3,"));
    assert_eq!(line.split(',').filter(|cell| cell.is_empty()).count(), 84);
    let filled = predictions_csv(&patients, Fill { missing: Some(2), open: false });
    // 43 other erosion joints and 41 other narrowing joints, two points each.
    assert!(filled.contains("\nUAB007,175,90,85,"), "{filled}");
    assert_eq!(parse(&filled).unwrap().get("UAB007").unwrap().scored(), 86);
}

#[test]
fn open_joints_stay_empty_beside_filled_ones_unless_they_are_to_be_filled_too() {
    let score = |grade: usize| JointScore::from_probabilities((0..5).map(|g| f32::from(u8::from(g == grade))).collect());
    let joints = BTreeMap::from([("LH_pip_J__2".to_owned(), score(3))]);
    let open = BTreeMap::from([("LH_pip_J__3".to_owned(), OpenJoint::new(score(4), "unfamiliar".to_owned()))]);
    let patients = [PatientScore::with_open("A".to_owned(), joints, open, &BTreeSet::new(), 86)];
    let filled = |fill| parse(&predictions_csv(&patients, fill)).unwrap();
    let missing = filled(Fill { missing: Some(1), open: false });
    let cells = |table: &GradeTable| ["LH_pip_J__2", "LH_pip_J__3", "LH_pip_J__4"].map(|column| grade(table, "A", column));
    assert_eq!(cells(&missing), [Some(3), None, Some(1)]);
    assert_eq!(cells(&filled(Fill { missing: Some(1), open: true })), [Some(3), Some(1), Some(1)]);
    assert_eq!(cells(&filled(Fill { missing: None, open: true })), [Some(3), None, None]);
}

#[test]
fn a_patient_without_any_grade_has_empty_totals() {
    let csv = predictions_csv(&[PatientScore::new("A".to_owned(), BTreeMap::new(), 86)], Fill::default());
    assert!(csv.lines().nth(1).unwrap().starts_with("A,,,,"), "{csv}");
}

#[test]
fn a_hundred_thousand_patients_are_read_in_well_under_two_seconds() {
    let mut text = template().join(",") + "\n";
    let zeros = vec!["0"; 89].join(",");
    for number in 0..100_000 {
        text += &format!("UAB{number:06},{zeros}\n");
    }
    let start = Instant::now();
    let table = parse(&text).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(table.len(), 100_000);
    println!("{seconds:.2} s");
    assert!(seconds < 2.0, "{seconds}");
}
