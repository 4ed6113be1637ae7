//! Tags as a table.

use super::Subject;

/// CSV with a line for each thing: `scope, run, patient, limb, task, joint, x0, y0, x1, y1, tags`; tags are separated by spaces.
#[must_use]
pub fn csv<'a>(found: impl IntoIterator<Item = (&'a Subject, Vec<&'a str>)>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(["scope", "run", "patient", "limb", "task", "joint", "x0", "y0", "x1", "y1", "tags"]);
    for (subject, has) in found {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let side = |at: usize| subject.bbox.map_or_else(String::new, |sides| sides[at].to_string());
        let _ = writer.write_record([
            subject.scope().name().to_owned(),
            text(&subject.run),
            text(&subject.patient),
            subject.limb.map_or_else(String::new, |limb| limb.code().to_owned()),
            subject.task.map_or_else(String::new, |task| task.name().to_owned()),
            text(&subject.joint),
            side(0),
            side(1),
            side(2),
            side(3),
            has.join(" "),
        ]);
    }
    writer.into_inner().unwrap_or_default()
}
