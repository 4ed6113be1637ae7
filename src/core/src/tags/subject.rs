//! What can have a tag: a patient, a film, a joint, a box, a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::names::nfc;
use crate::{BBox, Joint, Limb, Task, joint};

/// What has a tag. The more is named, the narrower it is: a box lies on a joint, a joint on a film, a film is a patient's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// The name of a run's folder; nothing else is named then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The patient's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// The film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limb: Option<Limb>,
    /// The joint's task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// The joint's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<String>,
    /// The box: its sides in whole pixels of the upright film, `x0 y0 x1 y1`.
    #[serde(default, rename = "box", skip_serializing_if = "Option::is_none")]
    pub bbox: Option<[i32; 4]>,
}

/// How wide a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// A run.
    Run,
    /// A patient.
    Patient,
    /// A film.
    Film,
    /// A joint.
    Joint,
    /// A box.
    Box,
}

impl Scope {
    /// All of them, the widest first.
    pub const ALL: [Self; 5] = [Self::Run, Self::Patient, Self::Film, Self::Joint, Self::Box];

    /// Its word, as it is typed before a colon.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Patient => "patient",
            Self::Film => "film",
            Self::Joint => "joint",
            Self::Box => "box",
        }
    }
}

impl Subject {
    /// A run, by the name of its folder.
    #[must_use]
    pub fn run(name: &str) -> Self {
        Self { run: Some(name.to_owned()), ..Self::default() }
    }

    /// A patient.
    #[must_use]
    pub fn patient(id: &str) -> Self {
        Self { patient: Some(id.to_owned()), ..Self::default() }
    }

    /// A film.
    #[must_use]
    pub fn film(patient: &str, limb: Limb) -> Self {
        Self { limb: Some(limb), ..Self::patient(patient) }
    }

    /// A joint of a film. A box may claim a joint of another limb, so the film is named apart.
    #[must_use]
    pub fn joint(patient: &str, limb: Limb, joint: &Joint) -> Self {
        Self { task: Some(joint.task), joint: Some(joint.label.clone()), ..Self::film(patient, limb) }
    }

    /// A box of the same joint or film.
    #[must_use]
    pub fn with_box(mut self, bbox: BBox) -> Self {
        self.bbox = Some(<[f32; 4]>::from(bbox).map(|side| side.round() as i32));
        self
    }

    /// How wide it is.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        match (&self.run, &self.bbox, &self.joint, &self.limb) {
            (Some(_), ..) => Scope::Run,
            (None, Some(_), ..) => Scope::Box,
            (None, None, Some(_), _) => Scope::Joint,
            (None, None, None, Some(_)) => Scope::Film,
            _ => Scope::Patient,
        }
    }

    /// The same or what it is part of, as wide as that; `None` where it is wider already or of another kind.
    #[must_use]
    pub fn widened(&self, scope: Scope) -> Option<Self> {
        let own = self.scope();
        if own == scope {
            return Some(self.clone());
        }
        if own == Scope::Run || scope == Scope::Run || scope > own {
            return None;
        }
        let mut wide = self.clone();
        wide.bbox = None;
        if scope <= Scope::Film {
            (wide.joint, wide.task) = (None, None);
        }
        if scope == Scope::Patient {
            wide.limb = None;
        }
        (wide.scope() == scope).then_some(wide)
    }

    /// Whether it can have a tag.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(run) = &self.run {
            return if run.is_empty() || *self != Self::run(run) { Err("a run is named alone".to_owned()) } else { Ok(()) };
        }
        if self.patient.as_ref().is_none_or(String::is_empty) {
            return Err("it names neither a patient nor a run".to_owned());
        }
        if self.limb.is_none() && (self.joint.is_some() || self.bbox.is_some()) {
            return Err("a joint and a box need the limb of their film".to_owned());
        }
        match (&self.joint, self.task) {
            (None, None) => Ok(()),
            (Some(name), Some(task)) if joint::by_label(task, name).is_some() => Ok(()),
            (Some(name), Some(task)) => Err(format!("`{name}` is not a joint of {task}")),
            _ => Err("a joint needs its task".to_owned()),
        }
    }

    pub(super) fn compose(&mut self) {
        if let Some(patient) = &mut self.patient {
            *patient = nfc(patient).into_owned();
        }
    }
}

/// `run:NAME`, `PATIENT`, `PATIENT/LIMB`, `PATIENT/LIMB/JOINT@TASK`, with `#x0,y0,x1,y1` behind it for a box: what [`Subject::from_str`] reads.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(run) = &self.run {
            return write!(f, "run:{run}");
        }
        f.write_str(self.patient.as_deref().unwrap_or_default())?;
        let Some(limb) = self.limb else { return Ok(()) };
        write!(f, "/{}", limb.code())?;
        if let (Some(task), Some(name)) = (self.task, &self.joint) {
            // The label says the limb of the joint, which is that of the film but for boxes that claim another limb's.
            let own = joint::by_label(task, name).filter(|joint| joint.limb == limb);
            write!(f, "/{}@{task}", own.map_or(name.as_str(), |joint| joint.joint.as_str()))?;
        }
        if let Some([x0, y0, x1, y1]) = self.bbox {
            write!(f, "{}#{x0},{y0},{x1},{y1}", if self.joint.is_none() { "/" } else { "" })?;
        }
        Ok(())
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix("run:") {
            return if name.is_empty() { Err("name a run after `run:`, as `svh runs` lists it".to_owned()) } else { Ok(Self::run(name)) };
        }
        let mut parts = text.splitn(3, '/');
        let patient = parts.next().filter(|id| !id.is_empty()).ok_or("name a patient, such as PHA001/LH/mcp_2, or a run as run:NAME")?;
        let mut subject = Self::patient(&nfc(patient));
        let Some(limb) = parts.next() else { return Ok(subject) };
        let limb = limb.parse::<Limb>().map_err(|_| format!("`{limb}` is not a limb; use LH, RH, LF or RF"))?;
        subject.limb = Some(limb);
        let Some(rest) = parts.next() else { return Ok(subject) };
        let (name, bbox) = rest.split_once('#').map_or((rest, None), |(name, bbox)| (name, Some(bbox)));
        if !name.is_empty() {
            let (name, task) = name.split_once('@').map_or((name, None), |(name, task)| (name, Some(task)));
            let task = task
                .map(|task| task.parse::<Task>().map_err(|_| format!("`{task}` is not a task; use narrowing or erosion")))
                .transpose()?;
            let tasks = task.map_or_else(|| Task::ALL.to_vec(), |task| vec![task]);
            let of_limb = |task: &Task| {
                joint::of_limb(*task, limb).find(|joint| joint.joint.eq_ignore_ascii_case(name) || joint.label.eq_ignore_ascii_case(name))
            };
            let found = tasks.iter().find_map(of_limb).or_else(|| tasks.iter().find_map(|task| joint::by_label(*task, name)));
            let found = found.ok_or_else(|| format!("`{name}` is not a joint of the {}; use a name such as mcp_2", limb.name()))?;
            (subject.task, subject.joint) = (Some(found.task), Some(found.label.clone()));
        }
        if let Some(text) = bbox {
            let sides: Vec<i32> =
                text.split(',').filter_map(|side| side.trim().parse::<f32>().ok()).map(|side| side.round() as i32).collect();
            let sides: [i32; 4] = sides.try_into().map_err(|_| format!("`{text}` is not a box; use x0,y0,x1,y1 in pixels"))?;
            if text.split(',').count() != 4 || sides[0] >= sides[2] || sides[1] >= sides[3] {
                return Err(format!("`{text}` is not a box; use x0,y0,x1,y1 in pixels with x0 < x1 and y0 < y1"));
            }
            subject.bbox = Some(sides);
        }
        Ok(subject)
    }
}
