//! Tests of the imbalance.

use svh_core::{Limb, Task, joint};

use super::state::Line;
use crate::tui::{
    fixture::{app, cohort, evaluated, opened},
    headless::Headless,
};

fn imbalance(size: (u16, u16)) -> (tempfile::TempDir, Headless) {
    let (folder, mut app) = evaluated(size);
    app.keys("I");
    (folder, app)
}

/// By hand: how often each grade occurs among the joints of P001 and P002.
fn counts(app: &Headless, most: u8, keep: impl Fn(&svh_core::Joint) -> bool) -> Vec<u64> {
    let catalogue = app.state.catalogue().unwrap();
    let mut counts = vec![0; usize::from(most) + 1];
    for patient in [0, 1] {
        let grades = *catalogue.grades(patient).unwrap();
        for grade in joint::all().filter(|joint| keep(joint)).filter_map(|joint| grades.get(joint)) {
            counts[usize::from(grade)] += 1;
        }
    }
    counts
}

fn line(app: &Headless, name: &str) -> Vec<String> {
    let text = app.text();
    let line = text.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}\n{text}"));
    line.replace('▌', " ").split(name).nth(1).unwrap().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_paper_s_metric_comes_first_and_its_counts_are_right() {
    let (_folder, app) = imbalance((80, 24));
    for limb in Limb::ALL {
        let by_hand = counts(&app, 4, |joint| joint.limb == limb && joint.task == Task::Narrowing);
        let n: u64 = by_hand.iter().sum();
        let words = line(&app, &format!("narrowing, {}", limb.name()));
        assert_eq!(words[0], n.to_string());
        assert_eq!(words[1], format!("{:.1}", by_hand[0] as f64 / n as f64 * 100.0), "{words:?}");
        let entropy: f64 =
            by_hand.iter().filter(|count| **count > 0).map(|count| *count as f64 / n as f64).map(|share| -share * share.log2()).sum();
        assert_eq!(words[3], format!("{entropy:.2}"), "{words:?}");
        assert_eq!(words[4], format!("{:.2}", entropy.exp2()));
    }
}

#[test]
fn a_line_a_grade_shows_reference_prediction_and_what_the_sampler_draws() {
    let (_folder, mut app) = imbalance((80, 24));
    let by_hand = counts(&app, 4, |joint| joint.limb == Limb::LeftHand && joint.task == Task::Narrowing);
    let n: u64 = by_hand.iter().sum();
    let present = by_hand.iter().filter(|count| **count > 0).count();
    let grade = |app: &Headless, grade: usize| {
        let text = app.text();
        let start = text.lines().position(|line| line.contains("bars by")).unwrap();
        text.lines().nth(start + 2 + grade).unwrap().to_owned()
    };
    for (index, count) in by_hand.iter().enumerate().filter(|(_, count)| **count > 0) {
        let line = grade(&app, index);
        assert!(line.contains(&format!(" {count} ")), "{line}");
        let share = 100.0 / present as f64;
        assert!(line.contains(&format!("{share:.0} % ×")), "drawn equally often: {line}");
    }
    // The model says 1 of every joint of this hand, of both patients.
    assert!(grade(&app, 1).contains("30  100 %"), "{}", grade(&app, 1));
    app.keys(&"\x1b[D".repeat(10));
    let natural = by_hand[0] as f64 / n as f64 * 100.0;
    assert!(grade(&app, 0).contains(&format!("{natural:.0} % ×1.0")), "as they come: {}", grade(&app, 0));
    assert!(app.text().contains("sampler 0.0"));
}

#[test]
fn tab_divides_by_task_group_and_joint_and_l_makes_rare_grades_visible() {
    let (_folder, mut app) = imbalance((120, 40));
    let rows = |app: &Headless| app.state.imbalance.rows.len();
    assert_eq!(rows(&app), 8);
    app.keys("\t");
    assert_eq!(rows(&app), 3);
    let all = counts(&app, 4, |joint| joint.task == Task::Narrowing);
    assert_eq!(line(&app, "narrowing ")[0], all.iter().sum::<u64>().to_string());
    app.keys("\t\t");
    assert_eq!(rows(&app), 43);
    assert!(app.text().contains("narrowing, MCP 2"));
    let stroke = |app: &Headless| app.text().matches('━').count();
    let before = stroke(&app);
    app.keys("#");
    assert!(stroke(&app) > before && app.text().contains("bars by logarithm"));
}

/// The line of the imbalance with this name.
fn choose(app: &mut Headless, name: &str) -> Line {
    let place = app.state.imbalance.rows.iter().position(|line| line.name() == name);
    let place = place.unwrap_or_else(|| panic!("{name}: {:?}", app.state.imbalance.rows.iter().map(Line::name).collect::<Vec<_>>()));
    let at = app.state.imbalance.table.shown.iter().position(|shown| *shown as usize == place).unwrap();
    app.state.imbalance.table.cursor = at;
    app.state.imbalance.rows[place].clone()
}

#[test]
fn sources_of_films_divide_the_joints_and_a_bar_opens_those_of_the_source() {
    let folder = cohort();
    std::fs::write(folder.path().join("splits.csv"), "film,split\nP001-LH,train\nP001-RH,val\n").unwrap();
    crate::tui::fixture::run(folder.path());
    let mut app = app(folder.path(), (80, 24));
    app.keys("I\t\t\t\t");
    assert!(app.text().contains("[source]"), "{}", app.text());
    // P001's hands are boxed, P002's are not; the foot of P004 belongs to no patient of the run.
    let all: u64 = counts(&app, 4, |joint| joint.task == Task::Narrowing).iter().sum();
    let of = |app: &mut Headless, name: &str| choose(app, name).found.reference.iter().sum::<u64>();
    assert_eq!(of(&mut app, "narrowing, ids P…"), all);
    let catalogue = app.state.catalogue().unwrap().clone();
    let graded = |patient: usize, keep: &dyn Fn(&svh_core::Joint) -> bool| {
        let grades = *catalogue.grades(patient).unwrap();
        joint::all().filter(|joint| keep(joint)).filter(|joint| grades.get(joint).is_some()).count() as u64
    };
    let narrowing = |joint: &svh_core::Joint| joint.task == Task::Narrowing;
    assert_eq!(of(&mut app, "narrowing, boxed"), graded(0, &narrowing));
    assert_eq!(of(&mut app, "narrowing, not boxed"), graded(1, &|joint| narrowing(joint) && joint.limb.is_hand()));
    assert_eq!(of(&mut app, "narrowing, split val"), graded(0, &|joint| narrowing(joint) && joint.limb == Limb::RightHand));
    assert_eq!(of(&mut app, "narrowing, PNG"), graded(0, &narrowing) + graded(1, &|joint| narrowing(joint) && joint.limb.is_hand()));
    let line = choose(&mut app, "hand erosion, split train");
    app.keys("1");
    let items = &app.state.list.selection.items;
    assert!(!items.is_empty() && items.len() as u64 == line.found.reference[1], "{}", app.text());
    assert!(items.iter().all(|item| item.patient == "P001" && item.limb == Limb::LeftHand && item.reader == Some(1)));
}

#[test]
fn tags_divide_the_joints_and_follow_what_is_tagged() {
    let (_folder, mut app) = imbalance((80, 24));
    app.keys("\x1b[Z");
    assert!(app.text().contains("[tag]") && app.text().contains("nothing has a tag"), "{}", app.text());
    // The film of P001's left hand, and one of its joints apart.
    app.keys("P\rKblurred\r");
    app.keys("\x1b[B\rKjoint:odd\r");
    app.keys("I");
    let blurred = choose(&mut app, "narrowing, #blurred");
    let odd = choose(&mut app, "narrowing, #odd");
    let without = choose(&mut app, "narrowing, no tag");
    let size = |line: &Line| line.found.joints();
    assert_eq!((size(&blurred), size(&odd)), (15, 1), "a joint has the tags of its film");
    assert_eq!(size(&blurred) + size(&without), 2 * 42, "both patients");
    choose(&mut app, "narrowing, #blurred");
    app.keys("\r");
    let items = &app.state.list.selection.items;
    assert_eq!(items.len() as u64, blurred.found.reference.iter().sum::<u64>());
    assert!(items.iter().all(|item| item.patient == "P001" && item.limb == Limb::LeftHand));
}

#[test]
fn joints_that_are_missing_are_counted_and_are_no_zeros() {
    let (_folder, app) = imbalance((120, 40));
    // The reader left the first joint of both patients ungraded, and the model both feet.
    let text = app.text();
    let first = joint::all().next().unwrap();
    let words = line(&app, &format!("narrowing, {}", first.limb.name()));
    assert_eq!(words[1], "2", "missing: {words:?}");
    assert!(text.contains("reader (2 missing)"), "{text}");
}

#[test]
fn without_a_run_the_cohort_s_own_grades_are_shown() {
    let (_folder, app) = opened((80, 24), "I");
    let text = app.text();
    assert!(text.contains("no run") && text.contains("reader") && !text.contains("  model  "), "{text}");
    // Three patients have grades: all of them, not only those of a run.
    let words = line(&app, "narrowing, right hand");
    assert_eq!(words[0], (3 * 15).to_string());
}

#[test]
fn an_epoch_is_described_and_a_bar_opens_the_crops_that_it_stands_for() {
    let (_folder, mut app) = imbalance((80, 24));
    let by_hand = counts(&app, 4, |joint| joint.limb == Limb::LeftHand && joint.task == Task::Narrowing);
    let n: u64 = by_hand.iter().sum();
    let present: Vec<u64> = by_hand.iter().copied().filter(|count| *count > 0).collect();
    let each = (n as f64 / present.len() as f64).round();
    let text = app.text();
    let line = text.lines().find(|line| line.contains("epoch of")).unwrap_or_else(|| panic!("{text}")).to_owned();
    let (least, times) = (present.iter().min().unwrap(), n as f64 / present.len() as f64 / *present.iter().min().unwrap() as f64);
    assert!(line.contains(&format!("epoch of {n}: {each}")) && line.contains(&format!("{least} crops, {times:.1} times each")), "{line}");
    // The line of grade 1 below title and heads.
    let row = text.lines().position(|line| line.contains("bars by")).unwrap() + 2 + 1;
    app.keys(&format!("\x1b[<0;20;{}M", row + 1));
    let items = &app.state.list.selection.items;
    assert_eq!(items.len() as u64, by_hand[1], "{}", app.text());
    assert!(items.iter().all(|item| item.reader == Some(1) && item.limb == Limb::LeftHand));
}

#[test]
fn the_balance_at_hand_goes_into_the_form_of_a_training() {
    let (_folder, mut app) = imbalance((80, 24));
    app.keys("\x1b[D\x1b[D\x1b[Da");
    let text = app.text();
    assert!(text.contains("train a scorer") && text.contains("0.70"), "{text}");
    app.keys("\x1b[A\r");
    let command = app.started.last().map(|words| words.join(" "));
    let asked = app.text();
    let command = command.or_else(|| {
        app.keys("y");
        app.started.last().map(|words| words.join(" "))
    });
    assert!(
        command.as_deref().is_some_and(|command| command.contains("--balance 0.70") && command.contains("--task narrowing")),
        "{command:?} {asked}"
    );
}
