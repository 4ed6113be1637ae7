//! Tags: kept by two writers at once, the latest word of each counts, damaged lines cost only themselves.
#![allow(clippy::unwrap_used)]

use svh_core::review::{Author, Journal};
use svh_core::tags::{Scope, Subject, TagChange, TagLine, Tags, checked_name};
use svh_core::{BBox, Limb, Task, joint};

fn tag(on: &str, tag: &str) -> TagChange {
    TagChange::Tag { on: on.parse().unwrap(), tag: tag.into() }
}

fn untag(on: &str, tag: &str) -> TagChange {
    TagChange::Untag { on: on.parse().unwrap(), tag: tag.into() }
}

/// A reader with a file of their own, who knows what was on the disk when they began.
struct Reader(Author, Journal<TagLine>, Tags);

impl Reader {
    fn new(root: &std::path::Path, name: &str) -> Self {
        let author = Author::new(name);
        let journal = Journal::new(root, &author);
        Self(author, journal, Tags::read(root))
    }

    fn does(&mut self, change: TagChange) {
        let line = TagLine::new(&mut self.0, self.2.latest(), change);
        self.2.insert(self.0.start(), 0, line.clone());
        self.1.append(line).unwrap();
    }
}

fn of(tags: &Tags, on: &str) -> Vec<String> {
    tags.of(&on.parse().unwrap()).map(str::to_owned).collect()
}

#[test]
fn two_writers_lose_nothing_and_the_latest_word_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (mut anna, mut ben) = (Reader::new(folder.path(), "anna"), Reader::new(folder.path(), "ben"));
    for number in 0..50 {
        anna.does(tag(&format!("P{number}/LH"), "blurred"));
        ben.does(tag(&format!("P{number}/LH"), "positioning"));
    }
    ben.does(tag("P0/LH", "blurred"));
    let read = Tags::read(folder.path());
    assert_eq!((read.len(), read.problems().count()), (101, 0));
    assert!((0..50).all(|number| of(&read, &format!("P{number}/LH")) == ["blurred", "positioning"]));
    // Somebody who has seen all takes one away, whoever had given it; what others gave stays.
    let mut cleo = Reader::new(folder.path(), "cleo");
    cleo.does(untag("P0/LH", "blurred"));
    let read = Tags::read(folder.path());
    assert_eq!((of(&read, "P0/LH"), of(&read, "P1/LH")), (vec!["positioning".to_owned()], vec!["blurred".into(), "positioning".into()]));
    assert_eq!(read.counts(), [("blurred", 49), ("positioning", 50)].into());
    // The order in which the files are read does not matter.
    assert_eq!(std::fs::read_dir(folder.path().join("tags")).unwrap().count(), 3);
}

#[test]
fn what_is_part_of_something_has_its_tags_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut anna = Reader::new(folder.path(), "anna");
    for (on, name) in
        [("P1", "patient"), ("P1/LH", "film"), ("P1/LH/mcp_2", "joint"), ("P1/LH/mcp_2#10,20,30,40", "box"), ("run:first", "run")]
    {
        anna.does(tag(on, name));
    }
    let mcp = joint::by_label(Task::Narrowing, "LH_mcp_2").unwrap();
    let bbox = BBox::from([10.2, 19.8, 30.0, 40.4]);
    let tags = &anna.2;
    assert_eq!(tags.of_place("P1", Limb::LeftHand, Some(mcp), [bbox]), ["box", "film", "joint", "patient"]);
    assert_eq!(tags.of_place("P1", Limb::LeftHand, Some(mcp), [BBox::from([0.0, 0.0, 5.0, 5.0])]), ["film", "joint", "patient"]);
    assert_eq!(tags.of_place("P1", Limb::RightHand, None, []), ["patient"]);
    assert_eq!(tags.of_patient("P1"), ["box", "film", "joint", "patient"]);
    assert_eq!((of(tags, "run:first"), tags.of_patient("P2").len()), (vec!["run".to_owned()], 0));
}

#[test]
fn subjects_are_written_as_they_are_read_and_widened() {
    for text in ["P1", "P1/LH", "P1/LF/mtp_1@erosion", "P1/RH/mcp_2@narrowing#1,2,30,40", "P1/LH/#1,2,30,40", "run:20251123-a"] {
        assert_eq!(text.parse::<Subject>().unwrap().to_string(), text);
    }
    assert_eq!("P1/LH/LH_mcp_2".parse::<Subject>().unwrap().to_string(), "P1/LH/mcp_2@narrowing");
    // A box on a left hand's film that claims a joint of the right hand.
    let right = joint::by_label(Task::Narrowing, "RH_mcp_2").unwrap();
    let claims = Subject::joint("P1", Limb::LeftHand, right);
    assert_eq!(claims.to_string().parse::<Subject>().unwrap(), claims);
    for wrong in ["", "P1/XX", "P1/LH/knee", "P1/LH/mcp_2@wrong", "P1/LH/mcp_2#1,2,3", "P1/LH/mcp_2#9,2,3,4", "run:"] {
        assert!(wrong.parse::<Subject>().is_err(), "{wrong}");
    }
    let bbox: Subject = "P1/LH/mcp_2#1,2,30,40".parse().unwrap();
    let wide = |scope| bbox.widened(scope).map(|subject| subject.to_string());
    assert_eq!(wide(Scope::Box).unwrap(), "P1/LH/mcp_2@narrowing#1,2,30,40");
    assert_eq!(
        (wide(Scope::Joint).unwrap(), wide(Scope::Film).unwrap(), wide(Scope::Patient).unwrap()),
        ("P1/LH/mcp_2@narrowing".into(), "P1/LH".into(), "P1".into())
    );
    assert!(wide(Scope::Run).is_none() && "P1".parse::<Subject>().unwrap().widened(Scope::Film).is_none());
}

#[test]
fn a_damaged_line_costs_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut anna = Reader::new(folder.path(), "anna");
    anna.does(tag("P1", "kept"));
    let line = |change: &str| format!("{{\"id\":\"x{}\",\"time\":\"2026-01-01T00:00:00.000Z\",\"reader\":\"b\",{change}}}\n", change.len());
    let lines = [
        line("\"do\":\"tag\",\"patient\":\"P1\",\"limb\":\"LH\",\"tag\":\"sound\""),
        line("\"do\":\"tag\",\"patient\":\"P1\",\"tag\":\"two words\""),
        line("\"do\":\"tag\",\"joint\":\"LH_mcp_2\",\"tag\":\"nobodys\""),
        line("\"do\":\"tag\",\"patient\":\"P1\",\"limb\":\"LH\",\"task\":\"narrowing\",\"joint\":\"knee\",\"tag\":\"a\""),
        "not a line\n".to_owned(),
        "{\"id\":\"torn".to_owned(),
    ];
    std::fs::write(folder.path().join("tags/b.jsonl"), lines.concat()).unwrap();
    let read = Tags::read(folder.path());
    assert_eq!(read.of_patient("P1"), ["kept", "sound"]);
    let problems: Vec<&str> = read.problems().collect();
    assert_eq!(problems.len(), 5, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.starts_with("b.jsonl, line")), "{problems:?}");
}

#[test]
fn filters_are_kept_by_name_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut anna = Reader::new(folder.path(), "anna");
    let save = |name: &str, filter: &str| TagChange::SaveFilter { screen: "Errors".into(), name: name.into(), filter: filter.into() };
    anna.does(save("worst", "points>2"));
    anna.does(save("sides", "side"));
    anna.does(save("worst", "points>3"));
    assert_eq!(Tags::read(folder.path()).filters("Errors").collect::<Vec<_>>(), [("sides", "side"), ("worst", "points>3")]);
    anna.does(save("worst", ""));
    assert_eq!(Tags::read(folder.path()).filters("Errors").collect::<Vec<_>>(), [("sides", "side")]);
    assert_eq!(Tags::read(folder.path()).filters("Patients").count(), 0);
    for wrong in ["", " ", "two words", "a,b", "-a", &"x".repeat(41)] {
        assert!(checked_name(wrong).is_err(), "{wrong}");
    }
    assert_eq!(checked_name(" schräg_2 ").unwrap(), "schräg_2");
}
