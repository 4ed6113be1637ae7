//! Where the joints of a task lie that nobody has labelled on a film.

use svh_core::layout;
use svh_core::shape::{Observation, ShapeFit};
use svh_core::{BBox, Joint, Task, joint};

use super::LabelledFilm;
use crate::detector::Unknown;

/// A region is so many sides of its joint's box wide, and wider by the uncertainty of its place.
const MARGIN: f32 = 1.5;

/// Where a film may have joints of a task that is not labelled on it, for a detector of both tasks. Feet are labelled for narrowing alone, which has all of their
/// joints. `width` is the film's in pixels.
pub(crate) fn unlabelled(labelled: &LabelledFilm, width: u32) -> Unknown {
    let Some(limb) = labelled.joints.first().map(|(joint, _)| joint.limb).filter(|limb| limb.is_hand()) else { return Unknown::Nowhere };
    let is_labelled = |task: Task| labelled.joints.iter().any(|(joint, _)| joint.task == task);
    let is_known = |joint: &Joint| labelled.joints.iter().any(|(known, _)| known.joint == joint.joint);
    let open = Task::ALL.into_iter().filter(|task| !is_labelled(*task)).flat_map(|task| joint::of_limb(task, limb));
    let open: Vec<&'static Joint> = open.filter(|joint| !is_known(joint)).collect();
    if open.is_empty() {
        return Unknown::Nowhere;
    }
    let found: Vec<_> = labelled.joints.iter().map(|(joint, bbox)| Observation { joint, centre: bbox.centre() }).collect();
    let Some(fit) = ShapeFit::of(limb, width, &found) else { return Unknown::Anywhere };
    let region = |joint: &&'static Joint| {
        let place = fit.predict(joint)?;
        Some(BBox::square(place.centre, (MARGIN * layout::size(joint)? + 4.0 * place.sd) * fit.unit()))
    };
    open.iter().map(region).collect::<Option<_>>().map_or(Unknown::Anywhere, Unknown::Within)
}

#[cfg(test)]
mod tests {
    use svh_core::film::Film;
    use svh_core::shape::ShapeModel;
    use svh_core::{Limb, layout};

    use super::*;

    /// A left hand with the joints of these tasks where the mean shape has them.
    fn hand(tasks: &[Task]) -> LabelledFilm {
        let points: Vec<[f32; 2]> = ShapeModel::hand().mean.iter().map(|p| [500.0 + 700.0 * p[0], 600.0 + 700.0 * p[1]]).collect();
        let joints = tasks.iter().flat_map(|task| layout::boxes(Limb::LeftHand, *task, &points)).collect();
        LabelledFilm { film: Film::new(1000, 1200, vec![0; 1_200_000]).unwrap(), joints }
    }

    #[test]
    fn the_joints_that_only_the_other_task_grades_lie_in_the_regions_and_the_labelled_ones_need_none() {
        let both = hand(&Task::ALL);
        assert_eq!(unlabelled(&both, 1000), Unknown::Nowhere);
        for (task, other) in [(Task::Narrowing, Task::Erosion), (Task::Erosion, Task::Narrowing)] {
            let found = unlabelled(&hand(&[task]), 1000);
            let Unknown::Within(regions) = &found else { panic!("{found:?}") };
            let of_other: Vec<_> = both.joints.iter().filter(|(joint, _)| joint.task == other).collect();
            let own = |name: &str| both.joints.iter().any(|(joint, _)| joint.task == task && joint.joint == name);
            assert_eq!(regions.len(), of_other.iter().filter(|(joint, _)| !own(&joint.joint)).count());
            for (joint, bbox) in of_other.iter().filter(|(joint, _)| !own(&joint.joint)) {
                assert!(found.covers(bbox), "{} at {bbox:?} is in none of {regions:?}", joint.label);
            }
            // Most of the film is background all the same.
            let area: f32 = regions.iter().map(|region| region.width() * region.height()).sum();
            assert!(area < 0.35 * 1_200_000.0, "{area}");
            assert!(!found.covers(&BBox::square((30.0, 30.0), 40.0)));
        }
    }

    #[test]
    fn with_few_joints_nothing_is_background_and_a_foot_has_all_its_joints() {
        let mut few = hand(&[Task::Narrowing]);
        few.joints.truncate(1);
        assert_eq!(unlabelled(&few, 1000), Unknown::Anywhere);
        let foot = joint::of_limb(Task::Narrowing, Limb::LeftFoot).map(|joint| (joint, BBox::square((50.0, 50.0), 20.0)));
        assert_eq!(unlabelled(&LabelledFilm { joints: foot.collect(), ..few }, 1000), Unknown::Nowhere);
    }
}
