//! Numbers in files, every bit of them: JSON has no word for what is not a number or has no end, so that these are the texts
//! `"NaN"`, `"inf"` and `"-inf"`. For serde's `with`.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of any kind.
struct Any(f64);

impl Serialize for Any {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            x if x.is_finite() => serializer.serialize_f64(x),
            x if x.is_nan() => serializer.serialize_str("NaN"),
            x if x > 0.0 => serializer.serialize_str("inf"),
            _ => serializer.serialize_str("-inf"),
        }
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfAny;
        impl Visitor<'_> for OfAny {
            type Value = Any;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, \"NaN\", \"inf\" or \"-inf\"")
            }

            fn visit_f64<E: Error>(self, x: f64) -> Result<Any, E> {
                Ok(Any(x))
            }

            fn visit_i64<E: Error>(self, x: i64) -> Result<Any, E> {
                Ok(Any(x as f64))
            }

            fn visit_u64<E: Error>(self, x: u64) -> Result<Any, E> {
                Ok(Any(x as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Any, E> {
                match text {
                    "NaN" => Ok(Any(f64::NAN)),
                    "inf" => Ok(Any(f64::INFINITY)),
                    "-inf" => Ok(Any(f64::NEG_INFINITY)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(OfAny)
    }
}

/// One number.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(crate) fn serialize<S: Serializer>(x: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Any(*x).serialize(serializer)
}

/// One number.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Any::deserialize(deserializer).map(|any| any.0)
}

/// Many numbers.
pub(crate) mod many {
    use super::{Any, Deserialize as _, Deserializer, Serializer};

    /// Many numbers.
    pub(crate) fn serialize<S: Serializer>(all: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(all.iter().map(|&x| Any(x)))
    }

    /// Many numbers.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        Ok(Vec::<Any>::deserialize(deserializer)?.into_iter().map(|any| any.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use rand::RngExt as _;

    #[derive(Serialize, Deserialize)]
    struct Held {
        #[serde(with = "super")]
        one: f64,
        #[serde(with = "many")]
        more: Vec<f64>,
    }

    #[test]
    fn every_number_comes_back_to_the_bit() {
        let mut random = stream(80, Purpose::Sample, 0);
        let mut more: Vec<f64> = (0..20_000).map(|_| f64::from_bits(random.random())).collect();
        more.extend([0.0, -0.0, 1.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::NEG_INFINITY, f64::INFINITY, f64::NAN]);
        let text = serde_json::to_string(&Held { one: f64::NAN, more: more.clone() }).unwrap();
        let read: Held = serde_json::from_str(&text).unwrap();
        assert!(read.one.is_nan() && read.more.len() == more.len());
        for (a, b) in more.iter().zip(&read.more) {
            assert!(a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()), "{a} became {b}");
        }
    }

    #[test]
    fn whole_numbers_count_and_other_words_do_not() {
        let read: Held = serde_json::from_str(r#"{"one": -3, "more": [7, 0.5, "-inf"]}"#).unwrap();
        assert_eq!((read.one, read.more), (-3.0, vec![7.0, 0.5, f64::NEG_INFINITY]));
        assert!(serde_json::from_str::<Held>(r#"{"one": "moon", "more": []}"#).is_err());
        assert!(serde_json::from_str::<Held>(r#"{"one": null, "more": []}"#).is_err());
    }
}
