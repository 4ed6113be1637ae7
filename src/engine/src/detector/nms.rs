//! Non-maximum suppression: of boxes that overlap too much only the best stays.

use svh_core::BBox;

/// Goes through boxes that are sorted best first and returns the indices of those that stay, in order. A box goes when its overlap with a better
/// one that stays is greater than `threshold`.
#[must_use]
pub fn nms(sorted: &[BBox], threshold: f32) -> Vec<usize> {
    // One array a coordinate, so that the inner loop runs on whole vectors of numbers.
    let column = |of: fn(&BBox) -> f32| sorted.iter().map(of).collect::<Vec<f32>>();
    let (x0, y0, x1, y1) = (column(|b| b.x0), column(|b| b.y0), column(|b| b.x1), column(|b| b.y1));
    let area: Vec<f32> = sorted.iter().map(|b| (b.x1 - b.x0) * (b.y1 - b.y0)).collect();
    let mut gone = vec![0u8; sorted.len()];
    let mut kept = Vec::new();
    for i in 0..sorted.len() {
        if gone[i] != 0 {
            continue;
        }
        kept.push(i);
        let rest = i + 1..sorted.len();
        let (ax0, ay0, ax1, ay1, a) = (x0[i], y0[i], x1[i], y1[i], area[i]);
        let corners = x0[rest.clone()].iter().zip(&y0[rest.clone()]).zip(&x1[rest.clone()]).zip(&y1[rest.clone()]);
        for ((gone, (((bx0, by0), bx1), by1)), b) in gone[rest.clone()].iter_mut().zip(corners).zip(&area[rest]) {
            let w = (ax1.min(*bx1) - ax0.max(*bx0)).max(0.0);
            let h = (ay1.min(*by1) - ay0.max(*by0)).max(0.0);
            let both = w * h;
            *gone |= u8::from(both / (a + b - both) > threshold);
        }
    }
    kept
}

/// [`nms`] for each group on its own, over boxes in any order; returns the indices of those that stay, the best score first, equal scores in
/// the order given.
#[must_use]
pub fn grouped_nms(boxes: &[BBox], scores: &[f32], groups: &[usize], threshold: f32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut kept = Vec::new();
    for group in 0..groups.iter().max().map_or(0, |most| most + 1) {
        let members: Vec<usize> = order.iter().copied().filter(|index| groups[*index] == group).collect();
        let sorted: Vec<BBox> = members.iter().map(|index| boxes[*index]).collect();
        kept.extend(nms(&sorted, threshold).into_iter().map(|place| members[place]));
    }
    let mut stays = vec![false; boxes.len()];
    for index in kept {
        stays[index] = true;
    }
    order.retain(|index| stays[*index]);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_of_exactly_the_threshold_stays() {
        let a = BBox::from([0.0, 0.0, 10.0, 10.0]);
        let third = BBox::from([5.0, 0.0, 15.0, 10.0]);
        assert_eq!(nms(&[a, third], a.iou(&third)), [0, 1]);
        assert_eq!(nms(&[a, third], 0.33), [0]);
    }

    #[test]
    fn a_suppressed_box_suppresses_nothing() {
        let at = |x: f32| BBox::from([x, 0.0, x + 10.0, 10.0]);
        assert_eq!(nms(&[at(0.0), at(4.0), at(8.0)], 0.3), [0, 2]);
    }

    #[test]
    fn groups_do_not_touch_each_other() {
        let b = BBox::from([0.0, 0.0, 10.0, 10.0]);
        assert_eq!(grouped_nms(&[b, b, b], &[0.2, 0.9, 0.5], &[0, 1, 0], 0.5), [1, 2]);
    }
}
