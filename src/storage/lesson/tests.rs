use super::*;

/// A lesson with these steps.
fn lesson(steps: &str) -> String {
    format!(
        r#"{{"schema":1,"title":"T","about":"A.","data":"enterprises","seed":7,"settings":{{"dbn.layers":[8]}},"steps":[{steps}]}}"#
    )
}

fn parse(json: &str) -> Result<Lesson, String> {
    Lesson::parse(json.as_bytes(), Path::new("lessons")).map_err(|error| error.to_string())
}

const STEPS: &str = r#"
    {"title":"One","caption":"See this. And that.","actions":[{"screen":"train"},"train"],"wait_for":"trained"},
    {"title":"Two","caption":"Now at rate 0.01.","actions":[{"set":{"dbn.pre_training.gaussian_rate":0.01}},"rewind",
        {"step":3},{"play":{"to":10,"speed":2}},{"scrub":4},"live",{"theatre":2},{"look_at":"bad"},{"look_at":{"row":3}}],
     "wait_for":{"epoch":3},
     "predict":{"question":"What?","choices":["Up","Down"],"answer":"Down","because":"So it is."}},
    {"title":"Three","caption":"Another table.","actions":[{"open":"firms.csv"},"compare",{"dream":"good"},
        {"hide":["menu","side_panels"]},{"show":["menu"]},{"tab":"hidden_units"},"pause"],"wait_for":"comparison"},
    {"title":"Four","caption":"The end!","wait_for":{"moment":2}}"#;

#[test]
fn a_step_knows_what_holds_when_it_begins() {
    let lesson = parse(&lesson(STEPS)).unwrap();
    let rates: Vec<f64> = lesson.steps.iter().map(|step| step.settings.dbn.pre_training.gaussian_rate).collect();
    assert_eq!(rates, [0.003, 0.003, 0.01, 0.01]);
    assert!(lesson.steps.iter().all(|step| step.settings.dbn.layers == [8] && step.settings.seed == 7));
    let file = LessonData::File(PathBuf::from("lessons/firms.csv"));
    let tables: Vec<bool> = lesson.steps.iter().map(|step| step.data == file).collect();
    assert_eq!(tables, [false, false, false, true]);
    assert_eq!(lesson.data, LessonData::Sample("enterprises"));
    assert_eq!(lesson.steps[1].predict.as_ref().map(|asked| asked.answer), Some(1));
    let waits: Vec<WaitFor> = lesson.steps.iter().map(|step| step.wait_for).collect();
    assert_eq!(waits, [WaitFor::Trained, WaitFor::Epoch(3), WaitFor::Comparison, WaitFor::Moment(2)]);
    assert_eq!(lesson.steps[0].actions[1], StepAction::Do(Action::Train));
}

#[test]
fn what_is_wrong_is_told_by_step_and_key() {
    let step = |fields: &str| parse(&lesson(&format!(r#"{{"title":"t","caption":"c.",{fields}}}"#))).unwrap_err();
    let cases = [
        (step(r#""captoin":"x""#), ["step 1", "captoin"]),
        (step(r#""actions":["trian"]"#), ["step 1, action 1", "trian"]),
        (step(r#""actions":["train",{"screen":"moon"}]"#), ["step 1, action 2", "moon"]),
        (step(r#""actions":[{"set":{"dbn.depth":3}}]"#), ["action 1", "dbn.depth"]),
        (step(r#""actions":[{"set":{"svm.c":-1}}]"#), ["action 1", "svm.c: must be"]),
        (step(r#""actions":[{"open":"moon"}]"#), ["action 1", "enterprises"]),
        (step(r#""actions":[{"open":"../firms.csv"}]"#), ["action 1", "lesson's folder"]),
        (step(r#""actions":[{"step":0}]"#), ["action 1", "1 to 1,000"]),
        (step(r#""actions":[{"theatre":7}]"#), ["action 1", "1 to 6"]),
        (step(r#""actions":[{"look_at":{"row":0}}]"#), ["action 1", "from 1"]),
        (step(r#""actions":[{"play":{"to":3,"speed":0}}]"#), ["action 1", "play.speed"]),
        (step(r#""actions":[{"hide":["everything"]}]"#), ["action 1", "side_panels"]),
        (step(r#""wait_for":"ever""#), ["step 1", "ever"]),
        (
            step(r#""predict":{"question":"q","choices":["a","b"],"answer":"c","because":"d."}"#),
            ["step 1, predict.answer", "none of the choices"],
        ),
        (
            step(r#""predict":{"question":"q","choices":["a","a"],"answer":"a","because":"d."}"#),
            ["step 1, predict.choices", "twice"],
        ),
        (parse(&lesson("")).unwrap_err(), ["steps", "1 to 40"]),
        (parse(&lesson(r#"{"title":"t","caption":"A. B. C. D."}"#)).unwrap_err(), ["step 1, caption", "3 sentences"]),
        (parse(&lesson(STEPS).replace("[8]", "[]")).unwrap_err(), ["settings", "1 to 6 hidden layers"]),
        (parse(&lesson(STEPS).replace("\"about\"", "\"abuot\"")).unwrap_err(), ["at the top", "abuot"]),
        (
            parse(&lesson(STEPS).replace("\"seed\":7,", "\"seed\":7,\"tabs\":[\"weights\"],")).unwrap_err(),
            ["step 3, action 6", "tabs"],
        ),
        (parse("[]").unwrap_err(), ["no lesson", "schema"]),
        (parse(r#"{"schema":2,"moon":1}"#).unwrap_err(), ["schema 2", "newer"]),
    ];
    for (said, words) in cases {
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
        assert!(!said.contains('\n') && !said.ends_with('.'), "{said}");
    }
}

#[test]
fn a_file_is_read_with_its_folder_and_a_long_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.lesson.json");
    std::fs::write(&path, format!("\u{feff}{}", lesson(STEPS).replace("enterprises", "firms.csv"))).unwrap();
    assert_eq!(Lesson::load(&path).unwrap().data, LessonData::File(folder.path().join("firms.csv")));
    std::fs::write(&path, " ".repeat(MOST_BYTES as usize + 1)).unwrap();
    assert!(matches!(Lesson::load(&path), Err(LessonError::TooLong { .. })));
    assert!(matches!(Lesson::load(folder.path()), Err(LessonError::Io { .. })));
}

/// Whatever the bytes are, they are a lesson or a refusal.
#[test]
fn no_bytes_are_too_odd() {
    use rand::RngExt as _;
    use rand_chacha::rand_core::SeedableRng as _;
    let whole = lesson(STEPS).into_bytes();
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
    let (mut given, mut refused) = (0, 0);
    for _ in 0..4000 {
        let mut bytes = whole.clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..bytes.len());
            match random.random_range(0..4) {
                0 => bytes[at] = random.random_range(0..=255),
                1 => drop(bytes.drain(at..(at + random.random_range(1..20)).min(bytes.len()))),
                2 => bytes.insert(at, b"{}[]\",:-019.etn"[random.random_range(0..15)]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        match Lesson::parse(&bytes, Path::new("")) {
            Ok(lesson) => {
                assert!(lesson.steps.iter().all(|step| step.settings.check().is_ok()));
                given += 1;
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
        }
    }
    assert!(given > 100 && refused > 1000, "{given} {refused}");
}

#[test]
fn every_bundled_lesson_is_one() {
    for (name, json) in bundled::FILES {
        let lesson = parse(json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!((5..=9).contains(&lesson.steps.len()), "{name}");
        assert!(lesson.steps.iter().any(|step| step.predict.is_some()), "{name}");
        assert!(matches!(lesson.data, LessonData::Sample(_)), "{name} needs a file");
        assert_eq!(lesson.settings.dbn.nets, 1, "{name}: a class does not wait for five nets");
    }
    assert_eq!(course().len(), bundled::FILES.len());
}
