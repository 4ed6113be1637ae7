//! The order in which a blind reader sees the films of a cohort. It is stored with every locked answer, because readers who know the order score change otherwise.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::visits::Visits;
use crate::{Cohort, Limb};

/// An order of reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadingOrder {
    /// Limb by limb, the visits of a person in their order in time.
    #[default]
    Chronological,
    /// Limb by limb, the visits of a person one after the other in an order that the reader does not know.
    RandomInPair,
    /// Every film by itself, in random order over the whole cohort.
    Single,
}

impl ReadingOrder {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Chronological, Self::RandomInPair, Self::Single];

    /// The name in files and settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chronological => "chronological",
            Self::RandomInPair => "random-in-pair",
            Self::Single => "single",
        }
    }

    /// Whether the reader must not see which visit a film is of.
    #[must_use]
    pub const fn hides_visit(self) -> bool {
        !matches!(self, Self::Chronological)
    }

    /// All films of a cohort in this order: the patient's place and the limb. What is random follows from the reader's name, so that an interrupted session is resumed in
    /// the same order, and two readers have different ones.
    #[must_use]
    pub fn sequence(self, cohort: &Cohort, visits: &Visits, reader: &str) -> Vec<(usize, Limb)> {
        let random = |set: &str, limb: Limb| -> [u8; 32] { Sha256::digest(format!("{reader}\0{set}\0{limb}")).into() };
        let ids: Vec<&str> = cohort.patients().iter().map(|patient| patient.id.as_str()).collect();
        let mut films = Vec::new();
        for person in visits.by_person(&ids) {
            for limb in Limb::ALL {
                let mut of_limb: Vec<(usize, Limb)> = person.iter().map(|set| (*set, limb)).collect();
                of_limb.retain(|(set, limb)| cohort.patients()[*set].has_film(*limb));
                if self == Self::RandomInPair {
                    of_limb.sort_by_cached_key(|(set, limb)| random(ids[*set], *limb));
                }
                films.extend(of_limb);
            }
        }
        if self == Self::Single {
            films.sort_by_cached_key(|(set, limb)| random(ids[*set], *limb));
        }
        films
    }

    /// Where a reader resumes: at the first film without an answer, or at the one before it where that is answered in part. Where all have answers, at the first that lacks some.
    /// `answered` tells of a film how many of its joints have the reader's answer, and how many there are.
    #[must_use]
    pub fn resume(films: &[(usize, Limb)], answered: impl Fn((usize, Limb)) -> (usize, usize)) -> Option<usize> {
        let in_part = |place: usize| {
            let (done, of) = answered(films[place]);
            0 < done && done < of
        };
        match films.iter().position(|film| answered(*film).0 == 0) {
            Some(next) => Some(next.checked_sub(1).filter(|before| in_part(*before)).unwrap_or(next)),
            None => (0..films.len()).find(|place| in_part(*place)).or_else(|| (!films.is_empty()).then_some(0)),
        }
    }
}

impl std::str::FromStr for ReadingOrder {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|order| order.name() == text);
        found.ok_or_else(|| format!("`{text}` is not an order of reading; use chronological, random-in-pair or single"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_come_by_person_and_limb_and_random_orders_are_the_readers_own() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("images")).unwrap();
        let mut table = "Patient_ID,patient,visit,months\n".to_owned();
        for person in 0..12 {
            for visit in [1, 0] {
                // Ids that sort against time.
                let set = format!("S{person:02}{}", 9 - visit);
                table += &format!("{set},p{person},{visit},{}\n", visit * 12);
                for limb in ["LH", "RF"] {
                    image::GrayImage::new(30, 30).save(folder.path().join(format!("images/{set}-{limb}.png"))).unwrap();
                }
            }
        }
        std::fs::write(folder.path().join(crate::visits::TABLE), table).unwrap();
        let (cohort, visits) = (Cohort::open(folder.path()).unwrap(), Visits::read(folder.path()).unwrap());
        let names = |order: ReadingOrder, reader: &str| {
            let films = order.sequence(&cohort, &visits, reader);
            films.into_iter().map(|(set, limb)| format!("{}-{limb}", cohort.patients()[set].id)).collect::<Vec<_>>()
        };
        let in_time = names(ReadingOrder::Chronological, "a");
        assert_eq!(in_time[..4], ["S009-LH", "S008-LH", "S009-RF", "S008-RF"]);
        let pairs = names(ReadingOrder::RandomInPair, "a");
        // Each pair stays together, and some are reversed.
        let same = in_time.chunks(2).zip(pairs.chunks(2)).filter(|(a, b)| a == b).count();
        assert!(in_time.chunks(2).zip(pairs.chunks(2)).all(|(a, b)| a == b || (a[0] == b[1] && a[1] == b[0])));
        assert!((4..=20).contains(&same), "{same}");
        assert_eq!(pairs, names(ReadingOrder::RandomInPair, "a"));
        assert_ne!(pairs, names(ReadingOrder::RandomInPair, "b"));
        let single = names(ReadingOrder::Single, "a");
        assert!(single != pairs && single != in_time);
        let sorted = |mut films: Vec<String>| {
            films.sort();
            films
        };
        assert_eq!(sorted(single), sorted(in_time));
    }

    #[test]
    fn a_reader_resumes_where_the_answers_end() {
        let films: Vec<(usize, Limb)> = (0..4).map(|place| (place, Limb::LeftHand)).collect();
        let at = |answers: [usize; 4]| ReadingOrder::resume(&films, |(place, _)| (answers[place], 29));
        assert_eq!(at([0, 0, 0, 0]), Some(0));
        assert_eq!(at([29, 7, 0, 0]), Some(1), "in the middle of a film");
        assert_eq!(at([29, 29, 0, 29]), Some(2), "the fourth was read in another session");
        assert_eq!(at([3, 29, 0, 0]), Some(2), "what was left on purpose stays left");
        assert_eq!(at([29, 28, 29, 29]), Some(1));
        assert_eq!(at([29, 29, 29, 29]), Some(0));
        assert_eq!(ReadingOrder::resume(&[], |_| (0, 0)), None);
    }
}
