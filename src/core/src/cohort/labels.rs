//! The boxes of label files, read when they are asked for.

use std::path::{Path, PathBuf};

use super::{Cohort, LabelName, Patient, labels_folder};
use crate::{Film, LabelledBox, Limb, Task, VocFile, intake};

/// The boxes of one film for both tasks, and one sentence for everything in its label files that gave none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilmLabels {
    /// Narrowing, in the order of the file.
    pub narrowing: Vec<LabelledBox>,
    /// Erosion; of a foot without erosion labels, the narrowing boxes.
    pub erosion: Vec<LabelledBox>,
    /// With file, object and way out.
    pub problems: Vec<String>,
    /// By task: there is a label file, and what is boxed in it is not known, as it cannot be read or was drawn for another frame. Such a film is
    /// neither labelled nor without joints.
    pub unusable: [bool; 2],
    /// Width and height of the upright film, where it was looked at and could be read.
    pub size: Option<(u32, u32)>,
}

impl FilmLabels {
    /// The boxes of a task.
    #[must_use]
    pub fn of(&self, task: Task) -> &[LabelledBox] {
        match task {
            Task::Narrowing => &self.narrowing,
            Task::Erosion => &self.erosion,
        }
    }

    /// Whether the label file of a task says nothing that can be used. A foot without erosion labels of its own has those of narrowing.
    #[must_use]
    pub fn is_unusable(&self, task: Task) -> bool {
        self.unusable[task as usize]
    }

    /// Whether a model proposed boxes of a task that nobody has looked at: what is boxed on the film, and what is not, is not a reader's label then.
    #[must_use]
    pub fn is_proposed(&self, task: Task) -> bool {
        self.of(task).iter().any(|labelled| !labelled.is_readers())
    }
}

impl Cohort {
    /// The label file of a task and limb, where there is one.
    #[must_use]
    pub fn label_file(&self, patient: &Patient, task: Task, limb: Limb) -> Option<PathBuf> {
        let folder = self.root.join(labels_folder(task));
        match &patient.labels[task as usize][limb.index()] {
            LabelName::None => None,
            LabelName::Usual => Some(folder.join(format!("{}.xml", patient.film_stem(limb)?))),
            LabelName::Named(name) => Some(folder.join(&**name)),
        }
    }

    /// Where the label file of a film is or belongs. Looks at the disk: a file that appeared since the cohort was opened counts, whatever the letters of
    /// its ending.
    #[must_use]
    pub fn label_place(&self, patient: &Patient, task: Task, limb: Limb) -> Option<PathBuf> {
        if let Some(known) = self.label_file(patient, task, limb).filter(|path| intake::is_there(path)) {
            return Some(known);
        }
        let folder = self.root.join(labels_folder(task));
        let place = |ending: &str| Some(folder.join(format!("{}.{ending}", patient.film_stem(limb)?)));
        let there =
            ["xml", "XML", "Xml", "xML", "xmL", "xMl", "XmL", "XMl"].into_iter().filter_map(place).find(|path| intake::is_there(path));
        there.or_else(|| place("xml"))
    }

    /// The boxes of a film. Reads its label files and the film's header, in which the boxes must lie.
    #[must_use]
    pub fn boxes(&self, patient: &Patient, limb: Limb) -> FilmLabels {
        let mut labels = FilmLabels::default();
        let files = Task::ALL.map(|task| self.label_file(patient, task, limb));
        if files.iter().any(Option::is_some) {
            labels.size = self.film(patient, limb).and_then(|film| Film::size(&film).ok());
        }
        let [narrowing, erosion] = files;
        if let Some(path) = narrowing {
            (labels.narrowing, labels.unusable[0]) = read(&path, Task::Narrowing, limb, labels.size, &mut labels.problems);
        }
        if let Some(path) = erosion {
            (labels.erosion, labels.unusable[1]) = read(&path, Task::Erosion, limb, labels.size, &mut labels.problems);
        } else if !limb.is_hand() {
            labels.erosion = taken_over(&labels.narrowing);
            labels.unusable[1] = labels.unusable[0];
        }
        labels
    }
}

/// The boxes of a label file, and whether it is unusable.
fn read(path: &Path, task: Task, limb: Limb, size: Option<(u32, u32)>, problems: &mut Vec<String>) -> (Vec<LabelledBox>, bool) {
    let file = match VocFile::read(path) {
        Ok(file) => file,
        Err(error) => {
            problems.push(error.to_string());
            return (Vec::new(), true);
        }
    };
    let labels = file.labels(task, Some(limb), size);
    problems.extend(labels.problems.iter().map(|(number, problem)| match number {
        0 => format!("{}: {problem}", path.display()),
        number => format!("{}, object {number}: {problem}", path.display()),
    }));
    (labels.boxes, labels.other_frame)
}

/// Narrowing boxes of a foot as erosion boxes: the same joints are graded for both.
pub(crate) fn taken_over(narrowing: &[LabelledBox]) -> Vec<LabelledBox> {
    narrowing.iter().filter_map(|labelled| Some(LabelledBox { joint: labelled.joint.twin()?, ..*labelled })).collect()
}
