//! Every version of a device against the frames of every other one: what a decoder knows it reads
//! exactly, what it does not know it leaves alone, and no rule lets a step pass after which that
//! would not hold.

mod frames;
mod library;
mod versions;

use std::time::Instant;

use sundew_codec::{Entry, Error, compact, descriptor::Descriptor, record, senml, tiny};

use super::{Found, Proof, Request};
use crate::demo::Choices;
use crate::failure::{Context, Failure};
use frames::{BASE, Frame, Profile, Truth};
use library::Library;
use versions::Version;

pub(super) const PROOF: Proof = Proof {
    name: "codec-evolution",
    what: "decoders of every version of a device over the frames of every other one",
    options: &[],
    mutants: library::MUTANTS,
    run,
};

/// How many cases there are at least; a case is a frame in front of a decoder, or a forbidden step.
const CASES: u64 = 200_000;

fn run(request: &Request<'_>) -> Result<Found, Failure> {
    let started = Instant::now();
    let mut choices = Choices::from_seed(request.seed);
    let library = Library { mutant: request.mutant };
    let mut judge = Judge::default();
    let wanted = request.cases.unwrap_or(CASES);
    while judge.cases < wanted && request.limit.is_none_or(|limit| started.elapsed() < limit) {
        judge.chain(&library, &mut choices)?;
    }
    println!(
        "codec-evolution: {} chains, {} values read, {} left alone, {} steps refused, {:.1} s",
        judge.chains,
        judge.read,
        judge.unknown,
        judge.refused,
        started.elapsed().as_secs_f32()
    );
    Ok(Found { cases: judge.cases, known: 0, violations: judge.violations })
}

/// Counts what was compared, and keeps what is wrong.
#[derive(Default)]
struct Judge {
    cases: u64,
    chains: u64,
    read: u64,
    unknown: u64,
    refused: u64,
    violations: Vec<String>,
}

impl Judge {
    fn check(&mut self, is_right: bool, say: impl FnOnce() -> String) {
        // A mutant is wrong many times; a few show how.
        if !is_right && self.violations.len() < 1_000 {
            self.violations.push(say());
        }
    }

    /// Makes a chain of versions, and sets each one's decoder before each one's frames.
    fn chain(&mut self, library: &Library, choices: &mut Choices) -> Result<(), Failure> {
        self.chains += 1;
        let mut versions = self.versions(library, choices).context(|| "a version is no device")?;
        let last = versions.last().context(|| "a chain without versions")?;
        // A forbidden step that was let through gets a decoder as well, to show what it does.
        let mut forbidden = Vec::new();
        for _ in 0..8 {
            let Some((version, error)) = last.illegal(choices) else { continue };
            self.cases += 1;
            let (judged, is_alike) = library.check(&version, last);
            self.check(is_alike, || format!("tables and descriptors are judged apart: {error}"));
            self.check(judged == Err(error), || format!("{error}: judged {judged:?}"));
            if judged.is_ok() {
                forbidden.push(version);
            } else {
                self.refused += 1;
            }
        }
        versions.extend(forbidden.pop());
        for sender in &versions {
            match frames::frames(sender, library, choices) {
                Ok(frames) => {
                    for (frame, decoder) in
                        frames.iter().flat_map(|frame| versions.iter().map(move |to| (frame, to)))
                    {
                        self.decode(library, frame, sender, decoder);
                    }
                }
                Err(error) => self.check(false, || format!("not encoded: {error}: {sender:?}")),
            }
        }
        Ok(())
    }

    /// Returns a first version and up to five that follow it.
    fn versions(&mut self, library: &Library, choices: &mut Choices) -> Option<Vec<Version>> {
        let mut versions = vec![Version::first(choices)?];
        for _ in 0..2 + choices.below(4) {
            let last = versions.last()?;
            let next = last.next(choices)?;
            let (judged, is_alike) = library.check(&next, last);
            self.cases += 1;
            self.check(is_alike, || format!("tables and descriptors are judged apart: {next:?}"));
            self.check(judged.is_ok(), || format!("a legal step is refused: {judged:?}"));
            // What holds from step to step holds over several.
            for older in &versions {
                let (judged, _) = library.check(&next, older);
                self.check(judged.is_ok(), || format!("legal steps are refused: {judged:?}"));
            }
            versions.push(next);
        }
        Some(versions)
    }

    fn decode(&mut self, library: &Library, frame: &Frame, sender: &Version, decoder: &Version) {
        self.cases += 1;
        let expected = expected(frame, decoder);
        let is_older = decoder.device.version() <= sender.device.version();
        let all = frame.truth.iter().filter(|truth| decoder.spec(truth.id).is_some()).count();
        let found = match Descriptor::parse(&decoder.bytes) {
            Ok(descriptor) => decoded(library, frame, &descriptor, decoder),
            Err(error) => Err(error),
        };
        self.check(found.as_ref() == Ok(&expected), || {
            format!(
                "{:?} of version {} read by {}: {found:?} and not {expected:?}",
                frame.profile,
                sender.device.version(),
                decoder.device.version()
            )
        });
        // Unknown fields trail: an older decoder reads all of a tiny frame that it knows.
        if frame.profile == Profile::Tiny && is_older {
            self.check(found.is_ok_and(|found| found.len() == all), || {
                format!("version {} lost values", decoder.device.version())
            });
        }
        self.read += expected.len() as u64;
        self.unknown += (frame.truth.len() - expected.len()) as u64;
    }
}

/// Says what a version has to make of a frame: all values that it knows; of a tiny frame those
/// before the first one that it does not.
fn expected(frame: &Frame, decoder: &Version) -> Vec<Truth> {
    let is_known = |truth: &&Truth| match frame.profile {
        // A pack knows channels by name alone, whatever their id.
        Profile::Senml => decoder.device.channel_named(&truth.name).is_some(),
        _ => decoder.spec(truth.id).is_some(),
    };
    let truth = frame.truth.iter();
    match frame.profile {
        Profile::Tiny => truth.take_while(is_known).cloned().collect(),
        _ => truth.filter(is_known).cloned().collect(),
    }
}

fn decoded(
    library: &Library,
    frame: &Frame,
    descriptor: &Descriptor<'_>,
    decoder: &Version,
) -> Result<Vec<Truth>, Error> {
    let bytes = &frame.bytes;
    let entries: Vec<Entry> = match frame.profile {
        Profile::Senml => return packed(library, frame, descriptor),
        Profile::Record => record::decode(bytes)?
            .map(|value| {
                let (channel, mantissa, quality) = value?;
                let mut entry = Entry::new(channel, mantissa);
                entry.quality = quality;
                Ok(entry)
            })
            .collect::<Result<_, Error>>()?,
        Profile::Compact => compact::decode(bytes)?.collect::<Result<_, _>>()?,
        Profile::Tiny => {
            let layout = library.layout(&decoder.device);
            tiny::decode(&layout, None, bytes)?.collect::<Result<_, _>>()?
        }
    };
    Ok(entries.iter().filter_map(|entry| library.reading(descriptor, entry)).collect())
}

/// Reads a pack, which says unit and value itself.
fn packed(
    library: &Library,
    frame: &Frame,
    descriptor: &Descriptor<'_>,
) -> Result<Vec<Truth>, Error> {
    let mut found = Vec::new();
    for (record, truth) in senml::PackDecoder::new(&frame.bytes).zip(&frame.truth) {
        let record = record?;
        let name = record.name.to_string();
        let name = name.strip_prefix(BASE).unwrap_or(&name);
        let Some(own) = descriptor.channel_named(name) else { continue };
        let missing = Error::Syntax { position: 0 };
        let value = record.value.and_then(senml::Value::dec).ok_or(missing)?;
        found.push(Truth {
            id: truth.id,
            name: name.to_owned(),
            unit: library.unit(record.unit.to_string(), &own),
            value,
            quality: record.quality,
            time: record.time,
            origin: record.origin,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(mutant: Option<&'static str>, cases: u64) -> Found {
        run(&Request { cases: Some(cases), limit: None, seed: 7, mutant, own: &[] }).unwrap()
    }

    #[test]
    fn versions_read_each_other() {
        let Found { cases, violations, .. } = found(None, 5_000);
        assert_eq!(violations, Vec::<String>::new());
        assert!(cases >= 5_000, "{cases}");
    }

    #[test]
    #[ignore = "long: cargo prove codec-evolution --mutant all"]
    fn no_mutant_is_right() {
        for (mutant, _) in library::MUTANTS {
            assert!(!found(Some(mutant), 10_000).violations.is_empty(), "{mutant}");
        }
    }
}
