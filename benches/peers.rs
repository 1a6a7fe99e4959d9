//! The engine beside the peers: the same work on the same data as their scripts, one line of JSON a case.
//!
//!     cargo bench --bench peers -- rbm [DIR] [--case a|b|c|d] [--threads N]
//!     cargo bench --bench peers -- svm DIR [S|M|L|XL|N]...
//!
//! For `rbm`, DIR holds their data, raw little-endian numbers: `mnistlike.bin` (10,000 × 784), `tab8.bin` (10,000 × 8), `tab64.bin`
//! (10,000 × 64) and `sme300.bin` (300 × 8) of f32, `sme300_y.bin` of i64. Without it, numbers of the same shapes are made.
//! Times are CPU seconds of all threads of the process, as shared machines leave no other that can be trusted; elsewhere
//! than on Linux they are wall seconds.
//!
//! For `svm`, DIR holds `{S,M,L,XL,N}_{train,test}.csv`, the label −1 or 1 first; one line a fit, one thread, `fit_s` of
//! three runs, `added_mb` the peak of resident memory during the first less what was resident before it, beside `data_mb`,
//! the rows as f64.
//!
//! Cases a, b and c are CD-1 with momentum 0.9 and weight cost 1e-4 on one RBM, `recon` the mean squared reconstruction
//! error a row of the last two epochs; d is a whole DBN 8-64-32-16-2.

#![expect(clippy::print_stdout, reason = "its output")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use beliefscope::model::dbn::{DbnLearner, DbnSettings, EarlyStopping, FineTuningSettings, SkipInput, Start};
use beliefscope::model::kernels::{self, Lanes};
use beliefscope::model::network::RateSchedule;
use beliefscope::model::rbm::{CdStep, ContrastiveDivergence, Rbm, Visible};
use beliefscope::model::{Advance, Learner as _, TrainingSet};
use beliefscope::random::{Purpose, Stream, stream};
use ndarray::Array2;
use rand::RngExt as _;
use rand::seq::SliceRandom as _;
use rand_distr::{Distribution as _, StandardNormal};
use serde_json::json;

#[path = "peers/svm.rs"]
mod svm;

type Failure = Box<dyn Error + Send + Sync>;

const REPEATS: usize = 3;

fn main() -> Result<(), Failure> {
    // cargo passes flags of its own, such as --bench; what begins with a dash and is not ours is passed over.
    let mut words = Vec::new();
    let (mut threads, mut case) = (1, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--threads" {
            threads = arguments.next().ok_or("--threads needs a number")?.parse()?;
        } else if argument == "--case" {
            case = arguments.next();
        } else if !argument.starts_with('-') {
            words.push(argument);
        }
    }
    let folder = words.get(1).map(PathBuf::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    match words.first().map_or("rbm", String::as_str) {
        "rbm" => pool.install(|| rbm(folder.as_deref(), case.as_deref())),
        "svm" => {
            let folder = folder.ok_or("svm needs the folder of the workloads")?;
            pool.install(|| svm::run(&folder, words.get(2..).unwrap_or_default()))
        }
        other => Err(format!("{other} is not a subject; there are: rbm, svm").into()),
    }
}

fn rbm(folder: Option<&Path>, only: Option<&str>) -> Result<(), Failure> {
    let gaussian = Visible::Gaussian;
    let cases = [
        ("a", "mnistlike", 784, Case { visible: Visible::Bernoulli, hidden: 500, batch: 100, rate: 0.05, epochs: 2 }),
        ("b", "tab8", 8, Case { visible: gaussian.clone(), hidden: 32, batch: 10, rate: 0.01, epochs: 5 }),
        ("c", "tab64", 64, Case { visible: gaussian, hidden: 128, batch: 32, rate: 0.01, epochs: 5 }),
    ];
    for (name, file, columns, case) in cases {
        if only.is_none_or(|only| only == name) {
            cd1(name, &case, &data(folder, file, 10_000, columns)?);
        }
    }
    if only.is_none_or(|only| only == "d") {
        let x = data(folder, "sme300", 300, 8)?;
        let y = labels(folder, &x)?;
        dbn(x, y)?;
    }
    Ok(())
}

struct Case {
    visible: Visible,
    hidden: usize,
    batch: usize,
    rate: f32,
    epochs: usize,
}

/// CD-1 as the peers do it: rows in a new order each epoch, whole batches only, the error summed on the way.
fn cd1(name: &str, case: &Case, x: &Array2<f32>) {
    let Case { ref visible, hidden, batch, rate, epochs } = *case;
    let (n, m) = (x.nrows(), x.ncols());
    let numbers = x.as_slice().unwrap_or_default();
    let step = CdStep { rate, momentum: 0.9, weight_cost: 1e-4, gibbs_steps: 1, sample_visible: false };
    let mut recon = Vec::new();
    let mut seconds: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let mut random = stream(0, Purpose::PreTraining, 0);
            let mut rbm = Rbm::new(visible.clone(), hidden, x, &mut random);
            rbm.b.fill(0.0); // as theirs begins
            let mut lanes = Lanes::new(&mut random);
            let mut order: Vec<usize> = (0..n).collect();
            let start = cpu_seconds();
            let mut cd = ContrastiveDivergence::new(&rbm, batch);
            let mut rows = Array2::zeros((batch, m));
            recon.clear();
            for _ in 0..epochs {
                order.shuffle(&mut random);
                let mut error = 0.0;
                for picked in order.chunks_exact(batch) {
                    for (row, &i) in rows.as_slice_mut().unwrap_or_default().chunks_exact_mut(m).zip(picked) {
                        row.copy_from_slice(&numbers[i * m..][..m]);
                    }
                    cd.update(&mut rbm, &rows, &step, &mut lanes);
                    error += squared_distance(&rows, &cd);
                }
                recon.push(error / n as f64);
            }
            (cpu_seconds() - start) / epochs as f64
        })
        .collect();
    let runs = seconds.clone();
    seconds.sort_by(f64::total_cmp);
    let epoch = seconds[REPEATS / 2];
    let work = 10.0 * (n * m * hidden) as f64;
    println!(
        "{}",
        json!({
            "tool": "beliefscope", "case": name, "rows_per_s": (n as f64 / epoch).round(), "gflops": work / epoch / 1e9,
            "runs": runs, "recon": &recon[epochs.saturating_sub(2)..],
        })
    );
}

fn squared_distance(v: &Array2<f32>, cd: &ContrastiveDivergence) -> f64 {
    let recon = cd.reconstruction();
    kernels::squared_distance(v.as_slice().unwrap_or_default(), recon.as_slice().unwrap_or_default())
}

/// A whole DBN on 300 rows: three RBMs of 50 epochs each, then 100 epochs of Adam on all layers.
fn dbn(x: Array2<f32>, y: Vec<usize>) -> Result<(), Failure> {
    let x_unlabelled = Array2::zeros((0, x.ncols()));
    let set = Arc::new(TrainingSet { x, y, x_unlabelled, n_classes: 2, groups: Vec::new() });
    let mut settings = DbnSettings { layers: vec![64, 32, 16], nets: 1, ..DbnSettings::default() };
    let first = &mut settings.pre_training;
    (first.epochs, first.batch_size) = (Some(50), Some(16));
    (first.gaussian_rate, first.bernoulli_rate, first.weight_cost) = (0.01, 0.05, 1e-4);
    settings.fine_tuning = FineTuningSettings {
        epochs: Some(100),
        batch_size: Some(16),
        rate: 0.01,
        schedule: RateSchedule::Constant,
        weight_decay: 0.0,
        dropout: 0.0,
        skip: SkipInput::None,
        early_stopping: EarlyStopping::Off,
        ..settings.fine_tuning
    };
    let parameters = settings.check().map_err(|problems| format!("{problems:?}"))?;
    let mut seconds = Vec::new();
    let mut right = 0.0;
    for _ in 0..5 {
        let start = cpu_seconds();
        let mut learner = DbnLearner::new(&set, parameters.clone(), Start::PreTrained, 0)?;
        while !matches!(learner.advance(&mut |_| ()), Advance::Finished(_)) {}
        seconds.push(cpu_seconds() - start);
        let p = learner.classifier().probabilities(set.x.view());
        right = p.rows().into_iter().zip(&set.y).map(|(p, &y)| f64::from(u8::from((p[1] > p[0]) == (y == 1)))).sum();
    }
    let runs = seconds.clone();
    seconds.sort_by(f64::total_cmp);
    let acc = right / set.y.len() as f64;
    println!("{}", json!({ "tool": "beliefscope", "case": "d", "total_s": seconds[2], "runs": runs, "acc": acc }));
    Ok(())
}

fn data(folder: Option<&Path>, name: &str, rows: usize, columns: usize) -> Result<Array2<f32>, Failure> {
    let Some(folder) = folder else { return Ok(made(name, rows, columns)) };
    let bytes = std::fs::read(folder.join(name).with_extension("bin"))?;
    let (numbers, _) = bytes.as_chunks::<4>();
    Ok(Array2::from_shape_vec((rows, columns), numbers.iter().map(|&x| f32::from_le_bytes(x)).collect())?)
}

/// Correlated columns from a few common causes; `mnistlike` is 0 or 1, the others have mean 0 and variance about 1.
fn made(name: &str, rows: usize, columns: usize) -> Array2<f32> {
    let mut random = stream(0, Purpose::Sample, columns as u64);
    let normal = |random: &mut Stream| -> f32 { StandardNormal.sample(random) };
    let causes = 3 + columns / 64;
    let weights = Array2::from_shape_simple_fn((causes, columns), || normal(&mut random));
    let scores = Array2::from_shape_simple_fn((rows, causes), || normal(&mut random));
    let binary = name == "mnistlike";
    scores.dot(&weights).mapv(|x| {
        if binary {
            f32::from(u8::from(random.random::<f32>() < 1.0 / (1.0 + (1.5 - x).exp())))
        } else {
            0.87 * x.tanh() + 0.5 * normal(&mut random)
        }
    })
}

fn labels(folder: Option<&Path>, x: &Array2<f32>) -> Result<Vec<usize>, Failure> {
    if let Some(folder) = folder {
        let bytes = std::fs::read(folder.join("sme300_y.bin"))?;
        return Ok(bytes.as_chunks::<8>().0.iter().map(|&y| usize::from(i64::from_le_bytes(y) != 0)).collect());
    }
    Ok(x.rows().into_iter().map(|r| usize::from(r[0] * r[1] + 0.8 * r[2] > 0.4 * r[3])).collect())
}

#[cfg(target_os = "linux")]
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

#[cfg(not(target_os = "linux"))]
fn cpu_seconds() -> f64 {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed().as_secs_f64()
}
