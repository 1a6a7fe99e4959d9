//! Numbers as formulas are read: short, with a true minus.

/// Two decimals; small numbers with two significant digits, very small ones with a power of ten.
pub fn number(x: f32) -> String {
    if !x.is_finite() {
        return "undefined".to_owned();
    }
    let size = x.abs();
    let text = match size {
        _ if size == 0.0 => "0".to_owned(),
        _ if !(1e-5..1e5).contains(&size) => format!("{x:.1e}"),
        _ if size >= 0.095 => format!("{x:.2}"),
        _ => {
            let decimals = 1 - size.log10().floor() as i32;
            format!("{x:.0$}", decimals.clamp(2, 6) as usize)
        }
    };
    text.replace('-', "−")
}

/// In brackets below 0, so that it can stand after a sign.
pub(super) fn term(x: f32) -> String {
    if x < 0.0 { format!("({})", number(x)) } else { number(x) }
}

/// " + 2.13" or " − 2.13".
pub(super) fn plus(x: f32) -> String {
    if x < 0.0 { format!(" − {}", number(-x)) } else { format!(" + {}", number(x)) }
}

/// Two numbers with as many decimals, at least two, as it takes to tell them apart.
pub(super) fn told_apart(a: f32, b: f32) -> [String; 2] {
    let written = |decimals: usize| [a, b].map(|x| format!("{x:.decimals$}").replace('-', "−"));
    (2..=8).map(written).find(|[a, b]| a != b).unwrap_or_else(|| written(2))
}

/// The digits of `n` below the line.
pub fn subscript(n: usize) -> String {
    const DIGITS: [char; 10] = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];
    n.to_string().bytes().filter_map(|digit| DIGITS.get(usize::from(digit.wrapping_sub(b'0')))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_keep_their_size() {
        let cases = [(2.134, "2.13"), (-0.5, "−0.50"), (0.0, "0"), (0.0123, "0.012"), (0.00052, "0.00052")];
        for (x, text) in cases {
            assert_eq!(number(x), text);
        }
        assert_eq!([number(-3.2e-7), number(2.5e6), number(f32::NAN)], ["−3.2e−7", "2.5e6", "undefined"]);
        assert_eq!([plus(2.13), plus(-2.13), term(-0.3)], [" + 2.13", " − 2.13", "(−0.30)"]);
        assert_eq!(subscript(105), "₁₀₅");
    }

    #[test]
    fn a_coin_near_its_probability_is_told_apart_from_it() {
        assert_eq!(told_apart(0.37, 0.92), ["0.37", "0.92"]);
        assert_eq!(told_apart(0.9203, 0.9198), ["0.9203", "0.9198"]);
        assert_eq!(told_apart(0.5, 0.5), ["0.50", "0.50"]);
    }
}
