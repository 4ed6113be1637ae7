//! The little language of the filter: words that must all hold; kinds are alternatives.

use svh_analysis::{ErrorFilter, Evaluation, detection::ErrorKind};
use svh_core::{Limb, Task, joint};

use super::state::GradeErrorFilter;
use crate::tui::tag_filter;

/// What may be typed.
pub const HINT: &str =
    "missed, side..., grade, narrowing, LH, mcp_2, accepted, score>0.5, iou<0.3, points>1, confidence>0.8, entropy<0.5, tag:NAME, an id";

/// Reads what was typed.
///
/// # Errors
/// One sentence about the first word that is not understood.
pub fn parse(text: &str, evaluation: &Evaluation) -> Result<(ErrorFilter, GradeErrorFilter, Vec<String>), String> {
    let (mut filter, mut grades, mut tags) = (ErrorFilter::default(), GradeErrorFilter::default(), Vec::new());
    for word in text.split_whitespace() {
        if let Some(tag) = tag_filter::filter_word(word) {
            tags.push(tag.to_owned());
            continue;
        }
        take(&mut filter, &mut grades, word, evaluation)?;
    }
    Ok((filter, grades, tags))
}

fn take(filter: &mut ErrorFilter, grades: &mut GradeErrorFilter, word: &str, evaluation: &Evaluation) -> Result<(), String> {
    let lower = word.to_ascii_lowercase();
    let kind = ErrorKind::ALL.into_iter().find(|kind| lower.len() >= 4 && kind.name().to_ascii_lowercase().starts_with(&lower));
    let task = Task::ALL.into_iter().find(|task| lower.len() >= 4 && task.name().starts_with(&lower));
    if let Some(at) = lower.find(['<', '>']) {
        return range(filter, grades, &lower, at);
    }
    if lower == "grade" || lower == "grades" {
        grades.only = true;
    } else if let Some(kind) = kind {
        filter.kinds.push(kind);
    } else if task.is_some() {
        filter.task = task;
    } else if let Some(limb) = Limb::from_code(&lower) {
        filter.limb = Some(limb);
    } else if lower == "accepted" || lower == "counts" {
        filter.kept = true;
    } else if let Some(name) = joint_name(&lower) {
        filter.joint = Some(name);
    } else {
        filter.patient = Some(patient(word, evaluation)?);
    }
    Ok(())
}

fn range(filter: &mut ErrorFilter, grades: &mut GradeErrorFilter, word: &str, at: usize) -> Result<(), String> {
    let number: f32 = word[at + 1..].parse().map_err(|_| format!("`{word}` needs a number after the sign, as in score>0.5"))?;
    let less = word.as_bytes()[at] == b'<';
    let side = match &word[..at] {
        "score" => &mut filter.score,
        "iou" => &mut filter.iou,
        "points" => {
            // Points are whole: more than 1 is from 2 on.
            let (least, most) = (*grades.points.start(), *grades.points.end());
            grades.points = if less { least..=number.ceil() - 1.0 } else { number.floor() + 1.0..=most };
            grades.only = true;
            return Ok(());
        }
        "confidence" => &mut grades.confidence,
        "entropy" => &mut grades.entropy,
        other => return Err(format!("`{other}` cannot be compared; use score, iou, points, confidence or entropy")),
    };
    *side = if less { *side.start()..=number } else { number..=*side.end() };
    // What only wrong grades have shows these alone.
    grades.only |= matches!(&word[..at], "confidence" | "entropy");
    Ok(())
}

/// A joint by its name without its limb, `mcp_2`; underscores and `wrist_` may be left out.
fn joint_name(word: &str) -> Option<String> {
    let plain = |text: &str| text.trim_start_matches("wrist_").replace('_', "");
    let found = joint::all().find(|joint| joint.joint == word || plain(&joint.joint) == plain(word))?;
    Some(found.joint.clone())
}

fn patient(word: &str, evaluation: &Evaluation) -> Result<usize, String> {
    if let Some(place) = evaluation.patient(word) {
        return Ok(place);
    }
    let lower = word.to_ascii_lowercase();
    let mut fitting = (0..evaluation.patients().len()).filter(|place| evaluation.patients()[*place].to_ascii_lowercase().contains(&lower));
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err(format!("`{word}` is in several patients' ids; type more of one")),
        (None, _) => Err(format!("`{word}` is neither a kind of error nor a task, a limb, a joint or a patient of this run")),
    }
}

/// The filter in the words that would be typed for it; empty where all errors pass.
#[must_use]
pub fn describe(filter: &ErrorFilter, grades: &GradeErrorFilter, tags: &[String], evaluation: Option<&Evaluation>) -> String {
    let mut words: Vec<String> = filter.kinds.iter().map(|kind| kind.name().to_ascii_lowercase()).collect();
    words.extend(filter.task.map(|task| task.name().to_owned()));
    words.extend(filter.limb.map(|limb| limb.code().to_owned()));
    words.extend(filter.joint.clone());
    words.extend(filter.patient.and_then(|place| evaluation?.patients().get(place).cloned()));
    words.extend(filter.kept.then(|| "accepted".to_owned()));
    let all = ErrorFilter::default();
    for (name, range, whole) in [("score", &filter.score, &all.score), ("iou", &filter.iou, &all.iou)] {
        words.extend((range.start() != whole.start()).then(|| format!("{name}>{}", range.start())));
        words.extend((range.end() != whole.end()).then(|| format!("{name}<{}", range.end())));
    }
    words.extend(grades.only.then(|| "grade".to_owned()));
    let all = GradeErrorFilter::default();
    if grades.points.start() != all.points.start() {
        words.push(format!("points>{}", grades.points.start() - 1.0));
    }
    if grades.points.end() != all.points.end() {
        words.push(format!("points<{}", grades.points.end() + 1.0));
    }
    for (name, range, whole) in [("confidence", &grades.confidence, &all.confidence), ("entropy", &grades.entropy, &all.entropy)] {
        words.extend((range.start() != whole.start()).then(|| format!("{name}>{}", range.start())));
        words.extend((range.end() != whole.end()).then(|| format!("{name}<{}", range.end())));
    }
    words.extend(tags.iter().map(|tag| format!("tag:{tag}")));
    words.join(" ")
}
