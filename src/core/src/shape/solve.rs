//! Symmetric positive definite systems of some twenty unknowns, by Cholesky's factorisation.

/// `A`, lower triangle used, row by row.
#[derive(Clone, Debug)]
pub struct Normal {
    size: usize,
    matrix: Vec<f64>,
    right: Vec<f64>,
}

impl Normal {
    /// `diag(prior) x = 0`.
    pub(crate) fn with_prior(prior: &[f64]) -> Self {
        let size = prior.len();
        let mut matrix = vec![0.0; size * size];
        for (at, value) in prior.iter().enumerate() {
            matrix[at * size + at] = *value;
        }
        Self { size, matrix, right: vec![0.0; size] }
    }

    /// Adds the equation `row . x = value` with this weight.
    pub fn add(&mut self, row: &[f64], value: f64, weight: f64) {
        for i in 0..self.size {
            for j in 0..=i {
                self.matrix[i * self.size + j] += weight * row[i] * row[j];
            }
            self.right[i] += weight * row[i] * value;
        }
    }

    /// Adds to the right side at one unknown.
    pub(crate) fn pull(&mut self, at: usize, value: f64) {
        self.right[at] += value;
    }

    /// The factor and the solution; `None` where the matrix is not positive definite.
    pub(crate) fn solve(&self) -> Option<(Factor, Vec<f64>)> {
        let n = self.size;
        let mut l = self.matrix.clone();
        for i in 0..n {
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
                let value = l[i * n + j] - dot;
                l[i * n + j] = if i == j { (value > 1e-12).then(|| value.sqrt())? } else { value / l[j * n + j] };
            }
        }
        let factor = Factor { size: n, lower: l };
        let half = factor.forward(&self.right);
        let mut x = vec![0.0; n];
        for i in (0..n).rev() {
            let dot: f64 = (i + 1..n).map(|k| factor.lower[k * n + i] * x[k]).sum();
            x[i] = (half[i] - dot) / factor.lower[i * n + i];
        }
        Some((factor, x))
    }
}

/// The lower factor of `A = L L'`.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    size: usize,
    lower: Vec<f64>,
}

impl Factor {
    /// `L x = b`; of two rows the dot product of the results is `row A^-1 row'`.
    pub fn forward(&self, b: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x = vec![0.0; n];
        for i in 0..n {
            let dot: f64 = (0..i).map(|k| self.lower[i * n + k] * x[k]).sum();
            x[i] = (b[i] - dot) / self.lower[i * n + i];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_squares_of_a_line_are_those_of_the_textbook() {
        // y = 1 + 2x through (0, 1), (1, 3), (2, 5), all exact.
        let mut normal = Normal::with_prior(&[0.0, 0.0]);
        for (x, y) in [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)] {
            normal.add(&[1.0, x], y, 1.0);
        }
        let (factor, solution) = normal.solve().unwrap();
        assert!((solution[0] - 1.0).abs() < 1e-12 && (solution[1] - 2.0).abs() < 1e-12);
        // (X'X)^-1 of this design is [[5/6, -1/2], [-1/2, 1/2]].
        let (a, b) = (factor.forward(&[1.0, 0.0]), factor.forward(&[0.0, 1.0]));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        assert!((dot(&a, &a) - 5.0 / 6.0).abs() < 1e-12 && (dot(&a, &b) + 0.5).abs() < 1e-12 && (dot(&b, &b) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_system_without_information_has_no_solution() {
        assert!(Normal::with_prior(&[1.0, 0.0]).solve().is_none());
    }
}
