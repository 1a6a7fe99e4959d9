//! How the models work, with the equations that the program implements.

use super::super::math::{Math, bold, mean, num, op, over, round, row, sub, subsup, sum, sup, var, words};
use super::super::sentence_case;
use super::{Block, ModelDocument};
use crate::model::calibration::CalibrationMethod;
use crate::training::{ModelKind, RunSettings};

/// The method of every model of the run.
pub(super) fn section(of: &ModelDocument<'_>) -> Vec<Block> {
    let Some(settings) = of.settings() else {
        return vec![Block::missing(
            "No run is known, and so not which models were fitted: run Compare and write the document again.",
        )];
    };
    let models = &settings.models;
    let has = |kind: ModelKind| models.contains(&kind);
    let mut blocks = standardisation();
    if has(ModelKind::Dbn) {
        blocks.extend(dbn());
    }
    if has(ModelKind::Dbn) || has(ModelKind::Mlp) {
        blocks.extend(fine_tuning(has(ModelKind::Mlp)));
    }
    if has(ModelKind::Svm) {
        blocks.extend(svm());
    }
    for (kind, text) in [
        (
            ModelKind::Logistic,
            "The log-odds of the bad outcome are a weighted sum of the inputs; the weights maximise the likelihood less a ridge \
             penalty, by Newton's steps.",
        ),
        (
            ModelKind::Gbt,
            "Small trees are added one after the other, each to the gradient of the log-loss that those before leave; the number \
             of trees is chosen on training rows set apart.",
        ),
        (ModelKind::Majority, "Everyone is called what most training rows are. It is the floor: a model must beat it."),
    ] {
        if has(kind) {
            blocks.push(Block::Subheading(sentence_case(kind.title())));
            blocks.push(Block::paragraph(text));
        }
    }
    blocks.extend(calibration(settings));
    blocks
        .push(Block::blank("Why this method was chosen for this purpose, and which alternatives were turned down", 3));
    blocks
}

fn standardisation() -> Vec<Block> {
    let value = |name: &str| sub(var("x"), words_index(name));
    let equation = row(&[
        value("new"),
        op("="),
        over(row(&[var("x"), op("−"), sub(var("μ"), words_index("train"))]), sub(var("σ"), words_index("train"))),
    ]);
    vec![
        Block::Subheading("Standardisation".to_owned()),
        Block::paragraph(
            "Where the preparation standardises, each column has the mean of the training rows taken off and is divided by \
             their standard deviation; a constant column is set aside. The steps in force are listed under Data quality.",
        ),
        Block::Equation("eq. 1 of the paper", equation),
    ]
}

fn words_index(name: &str) -> Math {
    row(&[var(name)])
}

fn dbn() -> Vec<Block> {
    let (v, h, w) = (|| bold("v"), || bold("h"), || bold("W"));
    let term = |above: Math, below: Math| over(above, below);
    let squared = |inside: &[Math]| sup(round(inside), num("2"));
    let vi_bi = || [sub(var("v"), var("i")), op("−"), sub(var("b"), var("i"))];
    let two_sigma = || row(&[num("2"), subsup(var("σ"), var("i"), num("2"))]);
    let energy = row(&[
        var("E"),
        round(&[v(), op(","), h()]),
        op("="),
        sum(var("i")),
        term(squared(&vi_bi()), two_sigma()),
        op("−"),
        sum(var("j")),
        sub(var("c"), var("j")),
        sub(var("h"), var("j")),
        op("−"),
        sum(row(&[var("i"), op(","), var("j")])),
        over(sub(var("v"), var("i")), sub(var("σ"), var("i"))),
        sub(var("w"), row(&[var("i"), var("j")])),
        sub(var("h"), var("j")),
    ]);
    let hidden = row(&[
        var("p"),
        round(&[sub(var("h"), var("j")), op("="), num("1"), op("|"), v()]),
        op("="),
        var("s"),
        round(&[
            sub(var("c"), var("j")),
            op("+"),
            sum(var("i")),
            over(sub(var("v"), var("i")), sub(var("σ"), var("i"))),
            sub(var("w"), row(&[var("i"), var("j")])),
        ]),
        op(","),
        words("with"),
        var("s"),
        round(&[var("x")]),
        op("="),
        over(num("1"), row(&[num("1"), op("+"), sup(var("e"), row(&[op("−"), var("x")]))])),
    ]);
    let outer = || [over(sub(var("v"), var("i")), sub(var("σ"), var("i"))), sub(var("h"), var("j"))];
    let gradient = row(&[
        sub(var("g"), row(&[var("i"), var("j")])),
        op("="),
        mean(&outer(), "data"),
        op("−"),
        mean(&outer(), "reconstruction"),
    ]);
    let delta = |t: Math| row(&[op("Δ"), sub(w(), t)]);
    let update = row(&[
        delta(var("t")),
        op("="),
        var("m"),
        delta(row(&[var("t"), op("−"), num("1")])),
        op("+"),
        var("r"),
        round(&[bold("g"), op("−"), var("d"), w()]),
        op(","),
        words("then"),
        w(),
        op("←"),
        w(),
        op("+"),
        delta(var("t")),
    ]);
    let free = row(&[
        var("F"),
        round(&[v()]),
        op("="),
        sum(var("i")),
        term(squared(&vi_bi()), two_sigma()),
        op("−"),
        sum(var("j")),
        var("ln"),
        round(&[
            num("1"),
            op("+"),
            sup(
                var("e"),
                row(&[
                    sub(var("c"), var("j")),
                    op("+"),
                    sub(op("∑"), var("i")),
                    sub(var("v"), var("i")),
                    sub(var("w"), row(&[var("i"), var("j")])),
                    op("/"),
                    sub(var("σ"), var("i")),
                ]),
            ),
        ]),
    ]);
    vec![
        Block::Subheading("Deep belief network: pre-training".to_owned()),
        Block::paragraph(
            "A stack of restricted Boltzmann machines (RBMs) is learned from the lowest up, each on what the one below makes of \
             the rows, all training rows, those without an outcome too. The lowest has Gaussian visible units for the \
             indicators and by default hidden units of 0 or 1 (the paper's eq. 2 as printed has Gaussian hidden units, which \
             can be chosen), with the energy",
        ),
        Block::Equation("energy", energy),
        Block::paragraph("so that hidden units given the visible ones are independent, with the probability"),
        Block::Equation("hidden units", hidden),
        Block::paragraph(
            "The weights follow contrastive divergence: the statistics of a mini-batch less those of its reconstruction after k \
             steps of Gibbs sampling (CD-k), or of chains that go on from one update to the next (PCD-k), \
             with momentum m, learning rate r and weight cost d. The weight cost is on W itself, the standard form; as printed \
             in the paper the equation has ΔW there, which only rescales r and cannot decay a weight.",
        ),
        Block::Equation("statistics", gradient),
        Block::Equation("update, eq. 3 of the paper", update),
        Block::paragraph(
            "How unusual a firm is to the lowest machine is told by its free energy, high where rows are unlike those learned \
             from:",
        ),
        Block::Equation("free energy", free),
    ]
}

fn fine_tuning(control: bool) -> Vec<Block> {
    let layer = row(&[
        sup(bold("h"), row(&[op("("), var("l"), op(")")])),
        op("="),
        var("s"),
        round(&[
            sup(bold("c"), row(&[op("("), var("l"), op(")")])),
            op("+"),
            sup(sup(bold("W"), row(&[op("("), var("l"), op(")")])), var("T")),
            sup(bold("h"), row(&[op("("), var("l"), op("−"), num("1"), op(")")])),
        ]),
        op(","),
        words("with"),
        sup(bold("h"), num("(0)")),
        op("="),
        bold("x"),
    ]);
    let loss = row(&[
        var("L"),
        op("="),
        op("−"),
        sum(var("n")),
        sub(var("a"), sub(var("y"), var("n"))),
        var("ln"),
        var("p"),
        round(&[sub(var("y"), var("n")), op("|"), sub(bold("x"), var("n"))]),
    ]);
    let control = if control { " The same net without pre-training is fitted as the control." } else { "" };
    vec![
        Block::Subheading("Deep belief network: fine-tuning".to_owned()),
        Block::paragraph(format!(
            "The stack becomes a feed-forward net with a softmax output of the two classes, trained by back-propagation on the \
             labelled training rows with cross-entropy, class weights a where they are set, and mini-batches. A part of the \
             training rows is set apart: training ends when it gains no more, and the weights of the best epoch are kept.{control}"
        )),
        Block::Equation("layers", layer),
        Block::Equation("loss", loss),
    ]
}

fn svm() -> Vec<Block> {
    let alpha = |i: &str| sub(var("α"), var(i));
    let y = |i: &str| sub(var("y"), var(i));
    let x = |i: &str| sub(bold("x"), var(i));
    let dual = row(&[
        sub(var("min"), bold("α")),
        over(num("1"), num("2")),
        sum(row(&[var("i"), op(","), var("j")])),
        alpha("i"),
        alpha("j"),
        y("i"),
        y("j"),
        var("K"),
        round(&[x("i"), op(","), x("j")]),
        op("−"),
        sum(var("i")),
        alpha("i"),
        words("subject to"),
        num("0"),
        op("≤"),
        alpha("i"),
        op("≤"),
        sub(var("C"), var("i")),
        op(","),
        sum(var("i")),
        y("i"),
        alpha("i"),
        op("="),
        num("0"),
    ]);
    let answer = row(&[
        var("f"),
        round(&[bold("x")]),
        op("="),
        sum(var("i")),
        y("i"),
        alpha("i"),
        var("K"),
        round(&[x("i"), op(","), bold("x")]),
        op("−"),
        var("ρ"),
        op(","),
        words("RBF kernel"),
        var("K"),
        round(&[bold("x"), op(","), bold("z")]),
        op("="),
        sup(
            var("e"),
            row(&[op("−"), var("γ"), sup(row(&[op("‖"), bold("x"), op("−"), bold("z"), op("‖")]), num("2"))]),
        ),
    ]);
    vec![
        Block::Subheading("Support vector machine".to_owned()),
        Block::paragraph(
            "The C-SVC dual is solved by sequential minimal optimisation with second-order working sets, or by an interior point \
             where the kernel is linear, to the violation of the optimality conditions that the settings give. C and γ are \
             searched for on folds of the training rows where the settings say so. C is C times the weight of the row's class.",
        ),
        Block::Equation("dual", dual),
        Block::Equation("decision value", answer),
    ]
}

fn calibration(settings: &RunSettings) -> Vec<Block> {
    let platt = row(&[
        var("PD"),
        op("="),
        over(
            num("1"),
            row(&[
                num("1"),
                op("+"),
                sup(var("e"), row(&[var("A"), var("f"), round(&[bold("x")]), op("+"), var("B")])),
            ]),
        ),
    ]);
    let text = match settings.calibration.method {
        CalibrationMethod::None => "The probabilities are the models' own: nothing calibrates them.",
        _ => {
            "The scores of every model become probabilities in the same way, on scores of training rows that the fit had not \
             seen: Platt's sigmoid, fitted by maximum likelihood with his smoothed targets, or isotonic regression, as the \
             settings say."
        }
    };
    let mut blocks = vec![Block::Subheading("Calibration".to_owned()), Block::paragraph(text)];
    if settings.calibration.method != CalibrationMethod::None {
        blocks.push(Block::Equation("Platt", platt));
    }
    if let Some(population) = settings.calibration.population_bad_rate {
        blocks.push(Block::paragraph(format!(
            "Probabilities are moved to a population with {:.2} % bad: log-odds are shifted by the difference of the log-odds of \
             the two bad rates.",
            100.0 * population
        )));
    }
    blocks.push(Block::paragraph("A row is called bad when its probability is at or above the cut-off."));
    blocks
}
