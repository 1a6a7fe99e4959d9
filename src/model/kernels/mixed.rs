//! Sums of products of single-precision rows with double-precision vectors, each product in double precision.

/// Partial sums that run side by side.
const WIDTH: usize = 8;

/// `out[r] = Σ_j x[r, j]·w[j]`; x holds rows of `w.len()` numbers one after another. The order of summing is fixed: the
/// same bits on every CPU, whatever rows stand beside.
pub fn row_products(x: &[f32], w: &[f64], out: &mut [f64]) {
    if w.is_empty() {
        out.fill(0.0);
        return;
    }
    widest!(row_products_plain(x: &[f32], w: &[f64], out: &mut [f64]));
}

#[inline(always)]
fn row_products_plain(x: &[f32], w: &[f64], out: &mut [f64]) {
    let (w_chunks, w_rest) = w.as_chunks::<WIDTH>();
    for (row, out) in x.chunks_exact(w.len()).zip(out) {
        let (chunks, rest) = row.as_chunks::<WIDTH>();
        let mut sums = [0.0; WIDTH];
        for (x, w) in chunks.iter().zip(w_chunks) {
            for i in 0..WIDTH {
                sums[i] += f64::from(x[i]) * w[i];
            }
        }
        let rest: f64 = rest.iter().zip(w_rest).map(|(&x, w)| f64::from(x) * w).sum();
        *out = sums.iter().sum::<f64>() + rest;
    }
}

/// `out[j] += Σ_r a[r]·x[r, j]`; x holds rows of `out.len()` numbers one after another. The same bits on every CPU.
pub fn add_row_combination(a: &[f64], x: &[f32], out: &mut [f64]) {
    if out.is_empty() {
        return;
    }
    widest!(combination_plain(a: &[f64], x: &[f32], out: &mut [f64]));
}

#[inline(always)]
fn combination_plain(a: &[f64], x: &[f32], out: &mut [f64]) {
    for (row, &a) in x.chunks_exact(out.len()).zip(a) {
        for (out, &x) in out.iter_mut().zip(row) {
            *out += a * f64::from(x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let x = [1.0, 2.0, 3.0, -1.0, 0.0, 0.5];
        let mut out = [9.0; 2];
        row_products(&x, &[1.0, 10.0, 100.0], &mut out);
        assert_eq!(out, [321.0, 49.0]);
        let mut sums = [1.0; 3];
        add_row_combination(&[2.0, -4.0], &x, &mut sums);
        assert_eq!(sums, [7.0, 5.0, 5.0]);
        row_products(&[], &[], &mut out);
        assert_eq!(out, [0.0; 2]);
    }

    #[test]
    fn every_vector_width_gives_the_same_bits() {
        for n in [1, 7, 8, 9, 37, 64] {
            let x: Vec<f32> = (0..5 * n).map(|i| ((i * 31 % 17) as f32 - 8.3) / 3.0).collect();
            let w: Vec<f64> = (0..n).map(|i| (i as f64 - 3.1) / 7.0).collect();
            let (mut dispatched, mut plain) = ([0.0; 5], [0.0; 5]);
            row_products(&x, &w, &mut dispatched);
            row_products_plain(&x, &w, &mut plain);
            assert_eq!(dispatched, plain);
            let (mut sums, mut plain_sums) = (w.clone(), w);
            add_row_combination(&dispatched, &x, &mut sums);
            combination_plain(&plain, &x, &mut plain_sums);
            assert_eq!(sums, plain_sums);
        }
    }
}
