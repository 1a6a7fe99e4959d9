//! Equations as `MathML`, which browsers set and print without a script. Only what the document's equations need.

use super::escape::escaped;

/// A piece of an equation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Math(String);

impl Math {
    /// The whole as an element of a page, on a line of its own.
    pub(super) fn block(&self) -> String {
        format!("<math display=\"block\">{}</math>", self.0)
    }
}

fn element(name: &str, inside: &[Math]) -> Math {
    let inside: String = inside.iter().map(|part| part.0.as_str()).collect();
    Math(format!("<{name}>{inside}</{name}>"))
}

/// A variable, in italics where it is one letter.
pub(super) fn var(name: &str) -> Math {
    Math(format!("<mi>{}</mi>", escaped(name)))
}

/// A vector or a matrix, in bold italics.
pub(super) fn bold(name: &str) -> Math {
    Math(format!("<mi style=\"font-weight:bold\">{}</mi>", escaped(name)))
}

/// An operator, a relation, a bracket.
pub(super) fn op(sign: &str) -> Math {
    Math(format!("<mo>{}</mo>", escaped(sign)))
}

/// A number.
pub(super) fn num(digits: &str) -> Math {
    Math(format!("<mn>{}</mn>", escaped(digits)))
}

/// Upright words with room on both sides.
pub(super) fn words(text: &str) -> Math {
    Math(format!("<mtext>\u{2002}{}\u{2002}</mtext>", escaped(text)))
}

/// Pieces beside each other as one.
pub(super) fn row(parts: &[Math]) -> Math {
    element("mrow", parts)
}

/// `base` with `index` below.
pub(super) fn sub(base: Math, index: Math) -> Math {
    element("msub", &[base, index])
}

/// `base` with `exponent` above.
pub(super) fn sup(base: Math, exponent: Math) -> Math {
    element("msup", &[base, exponent])
}

/// `base` with both.
pub(super) fn subsup(base: Math, index: Math, exponent: Math) -> Math {
    element("msubsup", &[base, index, exponent])
}

/// A fraction.
pub(super) fn over(above: Math, below: Math) -> Math {
    element("mfrac", &[above, below])
}

/// A sum over `index`.
pub(super) fn sum(index: Math) -> Math {
    element("munder", &[op("∑"), index])
}

/// In round brackets.
pub(super) fn round(inside: &[Math]) -> Math {
    let mut parts = vec![op("(")];
    parts.extend_from_slice(inside);
    parts.push(op(")"));
    row(&parts)
}

/// The mean ⟨…⟩ over a mini-batch, `of` as index.
pub(super) fn mean(inside: &[Math], of: &str) -> Math {
    let mut parts = vec![op("⟨")];
    parts.extend_from_slice(inside);
    parts.push(op("⟩"));
    sub(row(&parts), Math(format!("<mtext>{}</mtext>", escaped(of))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_with_an_index_by_hand() {
        let equation = row(&[var("z"), op("="), over(row(&[sub(var("x"), var("i")), op("−"), var("μ")]), var("σ"))]);
        assert_eq!(
            equation.block(),
            "<math display=\"block\"><mrow><mi>z</mi><mo>=</mo><mfrac><mrow><msub><mi>x</mi><mi>i</mi></msub><mo>−</mo>\
             <mi>μ</mi></mrow><mi>σ</mi></mfrac></mrow></math>"
        );
        assert_eq!(op("<").block(), "<math display=\"block\"><mo>&lt;</mo></math>");
    }
}
