//! From raw detections of one film to one box a joint: what anatomy allows, applied in a fixed order, and a note for every rule that fired.
//!
//! 1. Joints of other limbs go.
//! 2. Of each class the best box above the threshold is kept.
//! 3. The shape model is fitted to the kept boxes. A box that lies where its joint cannot be is marked and loses its place to the next plausible one.
//! 4. The sides of boxes are drawn towards the proportions of a limb, where the detector learned from boxes that keep them ([`crate::proportions`]).
//! 5. Two neighbours on one spot: the one that belongs there stays.
//! 6. A foot's erosion boxes are those of narrowing.
//! 7. A joint that is still missing is placed by the shape model, where that is sure enough.
//!
//! Rules 3, 4 and 7 are what the shape of limbs gives; [`RuleOptions::shape`] turns them off. A class has at most one kept box. An implausible box stays kept only when the model has nothing better to offer.

use crate::shape::{Observation, ShapeFit};
use crate::{BBox, Detection, Joint, JointGroup, Limb, Origin, Task, joint, layout, proportions};

/// A joint is placed only where its prediction deviates by at most this, in palm or foot widths.
const MAX_INFERRED_SD: f32 = 0.15;

/// Two neighbours claim one spot when their boxes overlap by this much more than those of a mean limb do.
const CLAIM: f32 = 0.30;

/// A side that rule 4 changes by more than this factor is worth a note.
const RESIZED: f32 = 1.25;

/// Boxes this close to the film's edge, in pixels, are cut by it and tell no size.
const EDGE: f32 = 1.0;

/// How the rules are applied.
#[derive(Clone, Copy, Debug)]
pub struct RuleOptions {
    /// The least score of a kept box.
    pub threshold: f32,
    /// Whether what is known of the shape of limbs rejects, resizes and places boxes.
    pub shape: bool,
    /// By task, how far the boxes that its detector learned from deviate from the layout's proportions ([`proportions::spread`]); sizes stay as they are
    /// where this is not known.
    pub box_spread: [Option<f32>; 2],
}

impl RuleOptions {
    /// All rules but that of sizes: the spread of the reference boxes is not known.
    #[must_use]
    pub const fn at(threshold: f32) -> Self {
        Self { threshold, shape: true, box_spread: [None; 2] }
    }
}

/// A film's detections after the rules.
#[derive(Clone, Debug, Default)]
pub struct SelectedBoxes {
    /// Best first within a task, inferred ones last.
    pub detections: Vec<Detection>,
    /// One sentence for each rule that fired.
    pub notes: Vec<String>,
    /// The shape, where the joints lie like a limb.
    pub shape: Option<ShapeFit>,
}

/// Applies the rules to the detections of one upright film of this size and limb.
#[must_use]
pub fn apply(raw: Vec<Detection>, limb: Limb, film: (u32, u32), options: RuleOptions) -> SelectedBoxes {
    let mut work = Work { limb, film, options, detections: raw, notes: Vec::new(), shape: None };
    work.mask();
    work.best_of_class();
    if options.shape {
        work.fit();
        work.reject_implausible();
        Task::ALL.into_iter().for_each(|task| work.proportion(task));
    }
    work.part_neighbours();
    work.foot_erosion();
    // Without a shape nothing is placed.
    work.infer();
    work.sort();
    SelectedBoxes { detections: work.detections, notes: work.notes, shape: work.shape }
}

struct Work {
    limb: Limb,
    film: (u32, u32),
    options: RuleOptions,
    detections: Vec<Detection>,
    notes: Vec<String>,
    shape: Option<ShapeFit>,
}

impl Work {
    fn mask(&mut self) {
        let before = self.detections.len();
        let limb = self.limb;
        // A box with a side that is not a number would poison every sum.
        let finite = |bbox: BBox| <[f32; 4]>::from(bbox).iter().all(|side| side.is_finite());
        self.detections.retain(|d| joint_of(d).is_some_and(|joint| joint.limb == limb) && finite(d.bbox));
        let gone = before - self.detections.len();
        if gone > 0 {
            self.notes.push(format!("{gone} detections of other limbs were left out"));
        }
    }

    fn best_of_class(&mut self) {
        for detection in &mut self.detections {
            detection.kept = false;
        }
        for task in Task::ALL {
            for joint in joint::of_limb(task, self.limb) {
                if let Some(best) = self.candidates(joint).first().copied() {
                    self.detections[best].kept = true;
                }
            }
        }
    }

    /// The detections of a joint above the threshold, best first.
    fn candidates(&self, joint: &Joint) -> Vec<usize> {
        let of_class = |d: &Detection| d.task == joint.task && d.class_id == joint.class_id && d.score >= self.options.threshold;
        let mut found: Vec<usize> = (0..self.detections.len()).filter(|at| of_class(&self.detections[*at])).collect();
        found.sort_by(|a, b| self.detections[*b].score.total_cmp(&self.detections[*a].score));
        found
    }

    fn kept(&self, joint: &Joint) -> Option<usize> {
        self.detections.iter().position(|d| d.kept && d.task == joint.task && d.class_id == joint.class_id)
    }

    fn fit(&mut self) {
        let kept = self.detections.iter().filter(|d| d.kept);
        let found: Vec<_> = kept.filter_map(|d| Some(Observation { joint: joint_of(d)?, centre: d.bbox.centre() })).collect();
        self.shape = ShapeFit::of(self.limb, self.film.0, &found);
    }

    fn reject_implausible(&mut self) {
        let Some(shape) = self.shape.clone() else { return };
        let limb = self.limb;
        for joint in Task::ALL.into_iter().flat_map(|task| joint::of_limb(task, limb)) {
            for at in self.candidates(joint) {
                let verdict = shape.judge(joint, self.detections[at].bbox.centre());
                if let Some(verdict) = verdict.filter(|verdict| !verdict.plausible) {
                    let unit = if self.limb.is_hand() { "palm" } else { "foot" };
                    self.detections[at].implausible =
                        Some(format!("{:.2} {unit} widths from where the other joints expect it", verdict.distance));
                }
            }
            self.choose_again(joint, "is where this joint cannot be");
        }
    }

    /// Hands `kept` on to the best candidate that nothing speaks against, if the present one has something against it.
    fn choose_again(&mut self, joint: &Joint, why: &str) {
        let Some(now) = self.kept(joint).filter(|at| self.detections[*at].implausible.is_some()) else { return };
        let next = self.candidates(joint).into_iter().find(|at| self.detections[*at].implausible.is_none());
        match next {
            Some(next) => {
                self.detections[now].kept = false;
                self.detections[next].kept = true;
                let score = self.detections[next].score;
                self.notes
                    .push(format!("{} ({}): the best box {why}; the next one, of score {score:.2}, is kept", joint.label, joint.task));
            }
            None => self.notes.push(format!("{} ({}): the only box {why}", joint.label, joint.task)),
        }
    }

    /// Draws the sides of a task's boxes towards the proportions of the limb. Boxes that lie where they cannot, or are cut by the edge, stay as they are.
    fn proportion(&mut self, task: Task) {
        let Some(spread) = self.options.box_spread[task as usize] else { return };
        let (width, height) = (self.film.0 as f32, self.film.1 as f32);
        let whole = |b: BBox| b.x0 > EDGE && b.y0 > EDGE && b.x1 < width - EDGE && b.y1 < height - EDGE;
        let sized = |d: &Detection| d.task == task && d.implausible.is_none() && whole(d.bbox);
        let kept = self.detections.iter().filter(|d| d.kept && sized(d));
        let found: Vec<_> = kept.filter_map(|d| Some((joint_of(d)?, d.bbox))).collect();
        let Some(unit) = proportions::unit(&found) else { return };
        let mut far = 0;
        for detection in self.detections.iter_mut().filter(|d| sized(d)) {
            let Some(joint) = joint_of(detection) else { continue };
            let drawn = proportions::proportioned(joint, detection.bbox, unit, spread).clipped(width, height);
            let change = (drawn.width() / detection.bbox.width()).ln().abs().max((drawn.height() / detection.bbox.height()).ln().abs());
            far += usize::from(detection.kept && change > RESIZED.ln());
            detection.bbox = drawn;
        }
        if far > 0 {
            self.notes.push(format!("{far} {task} boxes were too large or too small for the limb and got its proportions"));
        }
    }

    fn part_neighbours(&mut self) {
        for task in Task::ALL {
            let joints: Vec<_> = joint::of_limb(task, self.limb).collect();
            for (index, one) in joints.iter().enumerate() {
                for other in &joints[..index] {
                    let (Some(a), Some(b)) = (self.kept(one), self.kept(other)) else { continue };
                    let overlap = self.detections[a].bbox.iou(&self.detections[b].bbox);
                    if overlap > usual_overlap(one, other) + CLAIM {
                        self.part(a, b);
                    }
                }
            }
        }
    }

    /// Of two kept boxes on one spot, the one that fits the spot less has that against it.
    fn part(&mut self, a: usize, b: usize) {
        let misfit = |at: usize| {
            let detection = &self.detections[at];
            let verdict = self.shape.as_ref().and_then(|shape| shape.judge(joint_of(detection)?, detection.bbox.centre()));
            // Without a shape the score decides.
            verdict.map_or(-detection.score, |verdict| verdict.distance)
        };
        let (loser, winner) = if misfit(a) > misfit(b) { (a, b) } else { (b, a) };
        let Some(joint) = joint_of(&self.detections[loser]) else { return };
        self.detections[loser].implausible = Some(format!("lies on {}", self.detections[winner].joint));
        self.choose_again(joint, &format!("lies on {}", self.detections[winner].joint));
        // No box is better than the neighbour's: a grade of the wrong joint would count in the total.
        self.detections[loser].kept = false;
    }

    fn foot_erosion(&mut self) {
        if self.limb.is_hand() {
            return;
        }
        let narrowing: Vec<Detection> = self.detections.iter().filter(|d| d.task == Task::Narrowing && d.kept).cloned().collect();
        if narrowing.is_empty() {
            return;
        }
        self.detections.retain(|d| d.task != Task::Erosion);
        for detection in narrowing {
            if let Some(joint) = joint::by_label(Task::Erosion, &detection.joint) {
                self.detections.push(Detection { task: Task::Erosion, class_id: joint.class_id, from: Origin::Narrowing, ..detection });
            }
        }
    }

    fn infer(&mut self) {
        let Some(shape) = self.shape.clone() else { return };
        // Only tasks that were looked for: with one detector there is nothing to complete for the other task.
        let tasks: Vec<Task> = Task::ALL.into_iter().filter(|task| self.detections.iter().any(|d| d.task == *task && d.kept)).collect();
        let limb = self.limb;
        for joint in tasks.into_iter().flat_map(|task| joint::of_limb(task, limb)) {
            let kept = self.kept(joint);
            if kept.is_some_and(|at| self.detections[at].implausible.is_none()) {
                continue;
            }
            let Some(bbox) = self.place(&shape, joint) else { continue };
            if let Some(at) = kept {
                self.detections[at].kept = false;
            }
            self.notes.push(format!("{} ({}) was not found and is placed by the shape of the limb", joint.label, joint.task));
            self.detections.push(Detection { kept: true, from: Origin::Inferred, ..Detection::new(joint, bbox, 0.0) });
        }
    }

    /// The box of a missing joint; `None` where the model is not sure or the joint lies off the film.
    fn place(&self, shape: &ShapeFit, joint: &Joint) -> Option<BBox> {
        let expected = shape.predict(joint).filter(|expected| expected.sd <= MAX_INFERRED_SD)?;
        let (x, y) = expected.centre;
        let side = layout::boxes(self.limb, joint.task, &shape.landmarks()).into_iter().find(|(known, _)| *known == joint)?.1.width();
        let (width, height) = (self.film.0 as f32, self.film.1 as f32);
        let on_film = x > 0.0 && y > 0.0 && x < width && y < height;
        on_film.then(|| BBox::square((x, y), side).clipped(width, height))
    }

    fn sort(&mut self) {
        self.detections.sort_by(|a, b| a.task.cmp(&b.task).then(b.score.total_cmp(&a.score)));
    }
}

fn joint_of(detection: &Detection) -> Option<&'static Joint> {
    joint::by_class(detection.task, detection.class_id)
}

/// How much the boxes of two joints overlap on a mean limb: wrist joints do, fingers do not.
fn usual_overlap(one: &Joint, other: &Joint) -> f32 {
    if one.group() == JointGroup::Finger {
        return 0.0;
    }
    let model = if one.limb.is_hand() { crate::shape::ShapeModel::hand() } else { crate::shape::ShapeModel::foot() };
    let boxes = layout::boxes(one.limb, one.task, &model.mean);
    let of = |joint: &Joint| boxes.iter().find(|(known, _)| *known == joint).map(|(_, bbox)| *bbox).unwrap_or_default();
    of(one).iou(&of(other))
}
