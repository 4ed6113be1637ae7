//! A selection: films, boxes and joints of a cohort in a list, as screens gather them and as files hold them. A script or a notebook writes one, and
//! `svh COHORT --view FILE` opens it.

mod read;
mod write;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use svh_core::{BBox, Joint, Limb, Task, joint, tags::Subject};

pub use read::read;
pub use write::{Target, write};

/// A list with what it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selection {
    /// What has been gathered.
    pub title: String,
    /// The entries, in their order.
    pub items: Vec<Item>,
}

/// A film, or a joint or a box on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The patient's id.
    pub patient: String,
    /// The film.
    pub limb: Limb,
    /// The joint; absent for a film, and for a box that claims none.
    pub joint: Option<&'static Joint>,
    /// What is to be said of it, in a few words.
    pub what: String,
    /// The reference's box, pixels of the upright film.
    pub reference: Option<BBox>,
    /// The model's box.
    pub found: Option<BBox>,
    /// The model's box of the run before, where two runs are compared.
    pub before: Option<BBox>,
    /// The score of the model's box, 0 to 1.
    pub score: Option<f32>,
    /// IoU of both boxes, 0 to 1.
    pub iou: Option<f32>,
    /// The reader's grade.
    pub reader: Option<u8>,
    /// The model's grade.
    pub model: Option<u8>,
    /// Its tags and those of what it is part of, as they were when the list was written.
    pub tags: Vec<String>,
}

impl Item {
    /// A film.
    #[must_use]
    pub fn film(patient: &str, limb: Limb) -> Self {
        Self {
            patient: patient.to_owned(),
            limb,
            joint: None,
            what: String::new(),
            reference: None,
            found: None,
            before: None,
            score: None,
            iou: None,
            reader: None,
            model: None,
            tags: Vec::new(),
        }
    }

    /// Whether it names no place on the film.
    #[must_use]
    pub fn is_without_box(&self) -> bool {
        [self.reference, self.before, self.found].iter().all(Option::is_none)
    }

    /// What has the tags that are given to it: its box, else its joint, else its film.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let Some(joint) = self.joint else {
            let film = Subject::film(&self.patient, self.limb);
            return self.found.map_or(film.clone(), |bbox| film.with_box(bbox));
        };
        let subject = Subject::joint(&self.patient, self.limb, joint);
        // What is about a grade is about the joint, whichever box it was graded in.
        let graded = self.reader.is_some() || self.model.is_some();
        self.found.filter(|_| !graded).map_or(subject.clone(), |bbox| subject.with_box(bbox))
    }

    /// Where it is, as `--goto` and files name it: `PATIENT/LIMB` or `PATIENT/LIMB/JOINT`, the joint without its limb.
    #[must_use]
    pub fn place(&self) -> String {
        let joint = self.joint.map_or_else(String::new, |joint| format!("/{}", joint.joint));
        format!("{}/{}{joint}", self.patient, self.limb)
    }
}

/// An entry as files hold it. Everything but the patient and the limb may be left out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Line {
    patient: String,
    limb: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    joint: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    what: String,
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    found: Option<[f32; 4]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<[f32; 4]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<[f32; 4]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iou: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reader: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

impl From<&Item> for Line {
    fn from(item: &Item) -> Self {
        Self {
            patient: item.patient.clone(),
            limb: item.limb.code().to_owned(),
            task: item.joint.map(|joint| joint.task.name().to_owned()),
            joint: item.joint.map(|joint| joint.label.clone()),
            what: item.what.clone(),
            found: item.found.map(Into::into),
            reference: item.reference.map(Into::into),
            before: item.before.map(Into::into),
            score: item.score,
            iou: item.iou,
            reader: item.reader,
            model: item.model,
            tags: item.tags.clone(),
        }
    }
}

/// A joint by its label (`LH_mcp_2`) or its name without the limb (`mcp_2`), of a task; without a task of narrowing where both have it.
#[must_use]
pub fn named_joint(limb: Limb, task: Option<Task>, name: &str) -> Option<&'static Joint> {
    let tasks = task.map_or_else(|| Task::ALL.to_vec(), |task| vec![task]);
    tasks.into_iter().find_map(|task| {
        joint::of_limb(task, limb).find(|joint| joint.label.eq_ignore_ascii_case(name) || joint.joint.eq_ignore_ascii_case(name))
    })
}

impl Line {
    /// The entry; in place of it what is wrong.
    fn item(self) -> Result<Item, String> {
        if self.patient.is_empty() {
            return Err("it names no patient".to_owned());
        }
        let limb: Limb = self.limb.parse().map_err(|_| format!("`{}` is not a limb; use LH, RH, LF or RF", self.limb))?;
        let task = match self.task.as_deref().filter(|task| !task.is_empty()) {
            Some(task) => Some(task.parse::<Task>().map_err(|_| format!("`{task}` is not a task; use narrowing or erosion"))?),
            None => None,
        };
        let joint = match self.joint.as_deref().filter(|joint| !joint.is_empty()) {
            Some(name) => {
                let found = named_joint(limb, task, name);
                // A box may claim a joint of another limb.
                let claimed = || task.or(Some(Task::Narrowing)).and_then(|task| joint::by_label(task, name));
                Some(
                    found
                        .or_else(claimed)
                        .ok_or_else(|| format!("`{name}` is not a joint of the {}; use a label such as LH_mcp_2", limb.name()))?,
                )
            }
            None => None,
        };
        let sound = |sides: Option<[f32; 4]>| match sides {
            Some(sides) if !sides.iter().all(|side| side.is_finite()) || sides[2] <= sides[0] || sides[3] <= sides[1] => {
                Err("a box needs x0 < x1 and y0 < y1 in pixels".to_owned())
            }
            sides => Ok(sides.map(BBox::from)),
        };
        let (reference, found, before) = (sound(self.reference)?, sound(self.found)?, sound(self.before)?);
        Ok(Item {
            patient: svh_core::names::nfc(&self.patient).into_owned(),
            limb,
            joint,
            what: svh_core::printable::text(&self.what).into_owned(),
            reference,
            found,
            before,
            score: self.score,
            iou: self.iou,
            reader: self.reader,
            model: self.model,
            tags: self.tags,
        })
    }
}

/// A place of a cohort as `--goto` names it: `PATIENT`, `PATIENT/LIMB` or `PATIENT/LIMB/JOINT`.
#[derive(Clone, Debug, PartialEq)]
pub struct Goto {
    /// The patient's id.
    pub patient: String,
    /// The film.
    pub limb: Option<Limb>,
    /// The joint.
    pub joint: Option<&'static Joint>,
}

impl std::str::FromStr for Goto {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, '/');
        let patient = parts.next().filter(|id| !id.is_empty()).ok_or("name a patient, such as PHA001/LH/mcp_2")?;
        let limb = parts
            .next()
            .map(|limb| limb.parse::<Limb>().map_err(|_| format!("`{limb}` is not a limb; use LH, RH, LF or RF")))
            .transpose()?;
        let joint = match (limb, parts.next()) {
            (Some(limb), Some(name)) => {
                let found = named_joint(limb, None, name);
                Some(found.ok_or_else(|| format!("`{name}` is not a joint of the {}; use a name such as mcp_2", limb.name()))?)
            }
            _ => None,
        };
        Ok(Self { patient: svh_core::names::nfc(patient).into_owned(), limb, joint })
    }
}
