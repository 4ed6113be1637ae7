//! The method's rules on the detections of one film: the best box of each class, and a foot's erosion boxes from narrowing.

use svh_core::{Detection, Limb, Origin, Task, joint};

/// Marks the best detection of each class from `threshold` up as kept, and takes a foot's erosion boxes over from narrowing.
pub fn apply(detections: &mut Vec<Detection>, limb: Limb, threshold: f32) {
    for task in Task::ALL {
        for joint in joint::of_limb(task, limb) {
            let of_class = detections.iter_mut().filter(|detection| detection.task == task && detection.class_id == joint.class_id);
            if let Some(best) = of_class.max_by(|a, b| a.score.total_cmp(&b.score)) {
                best.kept = best.score >= threshold;
            }
        }
    }
    if !limb.is_hand() {
        let taken: Vec<Detection> = detections
            .iter()
            .filter(|detection| detection.kept && detection.task == Task::Narrowing)
            .filter_map(|detection| {
                let joint = joint::by_label(Task::Erosion, &detection.joint)?;
                Some(Detection { task: Task::Erosion, class_id: joint.class_id, from: Origin::Narrowing, ..detection.clone() })
            })
            .collect();
        detections.retain(|detection| detection.task == Task::Narrowing);
        detections.extend(taken);
    }
}
