//! Whatever the bytes are: an answer or an error, never a panic, and what comes out is sound.

use super::*;
use crate::data::{profile, read};
use crate::random::{Purpose, Stream, stream};
use rand::RngExt as _;

const SMALL: &str = "\u{feff}# note, of this file\r\nfirm;year;x;\"y z\";Bankrupt?\r\nA;2019;0.5;\"a;b\";0\r\nB;2020;-;1e9;1\r\n\
                     B;2021;?;\"say \"\"so\"\"\";0\nC;2021;NaN;\"two\nlines\";1\r企业;;-1.5;0,5;NA\n";

/// Reads, profiles and guesses, and checks what must hold of any result.
fn run(bytes: &[u8], random: &mut Stream) -> bool {
    let Ok((table, reading)) = read(bytes).inspect_err(|error| assert!(!error.to_string().is_empty())) else {
        return false;
    };
    let profiles = profile(&table);
    assert_eq!((reading.rows_read, profiles.len()), (table.n_rows(), table.n_columns()));
    assert!(table.n_columns() >= if reading.format == "csv" { 2 } else { 1 } && table.n_rows() >= 1);
    assert!(reading.rejected.is_sorted_by(|a, b| a.line < b.line));
    assert!((1..table.n_rows()).all(|row| table.line(row - 1) < table.line(row)));
    let mut names = table.names().to_vec();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() == table.n_columns() && !names.contains(&String::new()));
    for profile in &profiles {
        let listed: usize = profile.levels.iter().map(|(_, count)| count).sum();
        assert!(listed + profile.missing <= table.n_rows() && profile.levels.len() <= profile.distinct.min(20));
        let moments = [profile.mean, profile.sd, profile.min, profile.max];
        assert!(moments.into_iter().flatten().all(f64::is_finite));
    }

    let any_name = |random: &mut Stream| Some(table.names()[random.random_range(0..table.n_columns())].clone());
    let requests = [
        RoleRequest::default(),
        RoleRequest { label: any_name(random), ..RoleRequest::default() },
        RoleRequest {
            label: any_name(random),
            bad: Some("1".to_owned()),
            id: any_name(random),
            exposure: any_name(random),
            ..RoleRequest::default()
        },
    ];
    for request in requests {
        match guess(&table, &profiles, &request) {
            Ok(guess) => {
                assert_eq!(guess.roles.roles.len(), table.n_columns());
                let set_aside = guess.roles.roles.iter().filter(|&&role| role == Role::SetAside).count();
                assert_eq!(set_aside, guess.set_aside.len());
                for role in [Role::Label, Role::EnterpriseId, Role::Period, Role::Split, Role::Exposure] {
                    assert!(guess.roles.roles.iter().filter(|&&r| r == role).count() <= 1);
                }
                if let Some(bad) = &guess.roles.bad {
                    let label = guess.roles.position(Role::Label).unwrap();
                    assert!(table.column(label).any(|cell| cell == bad));
                }
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    true
}

#[test]
fn random_bytes() {
    let mut random = stream(1, Purpose::Sample, 0);
    // Letters that mean something to the reader come often enough to build tables.
    let telling = b",;\t\"\n\r#-?1.e0 ax\xEF\xBB\xBF";
    for _ in 0..20_000 {
        let length = random.random_range(0..80);
        let any = random.random_bool(0.2);
        let bytes: Vec<u8> = (0..length)
            .map(|_| if any { random.random() } else { telling[random.random_range(0..telling.len())] })
            .collect();
        run(&bytes, &mut random);
    }
}

const SMALL_ARFF: &str = "% of firms\n@relation r\n@attribute x numeric\n@attribute 'a b' {no,'y e s'}\n\
                          @attribute note string\n@data\n1.5,no,'it''\n?,'y e s',\"q\"\n{0 7, 1 'y e s', 2 z}\n{}\n";

#[test]
fn mutations_of_a_small_arff_file() {
    mutate(SMALL_ARFF.as_bytes(), b",{}'\"\n\r@%?\\ 9\x80", 3);
}

#[test]
fn mutations_of_a_small_file() {
    mutate(SMALL.as_bytes(), b",;\t\"\n\r#-?19.e$%()'\x80", 2);
}

/// Many files that differ from `small` in up to five places.
fn mutate(small: &[u8], telling: &[u8], seed: u64) {
    let mut random = stream(seed, Purpose::Sample, 0);
    let mut read_anyhow = 0;
    for _ in 0..20_000 {
        let mut bytes = small.to_vec();
        for _ in 0..random.random_range(0..6) {
            let at = random.random_range(0..bytes.len());
            let byte = telling[random.random_range(0..telling.len())];
            match random.random_range(0..4) {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        read_anyhow += usize::from(run(&bytes, &mut random));
    }
    assert!(read_anyhow > 5_000, "{read_anyhow}: the mutations must not all be refused at the door");
}
