//! "English, 20 min".

use super::{Section, choice};

pub(crate) const ENGLISH: &[Section] = &[
    Section {
        id: "grammar",
        name: "Grammar",
        weight: 1,
        questions: &[
            choice("She ___ here since 2019.", ["works", "is working", "has worked", "worked"], 2),
            choice("If I ___ the answer, I would tell you.", ["knew", "know", "had knew", "would know"], 0),
            choice(
                "Which sentence is correct?",
                [
                    "There is less people today.",
                    "There are less peoples today.",
                    "There is fewer people today.",
                    "There are fewer people today.",
                ],
                3,
            ),
            choice("We look forward to ___ from you.", ["hear", "hearing", "have heard", "be heard"], 1),
        ],
    },
    Section {
        id: "vocabulary",
        name: "Vocabulary",
        weight: 1,
        questions: &[
            choice("To postpone a meeting is to", ["cancel it", "hold it later", "chair it", "shorten it"], 1),
            choice(
                "'The results were inconclusive' means that they",
                ["were excellent", "were secret", "came too late", "did not settle the question"],
                3,
            ),
            choice("The opposite of 'scarce' is", ["plentiful", "careful", "expensive", "tiny"], 0),
            choice("Could you ___ me through the figures?", ["speak", "say", "take", "tell"], 2),
        ],
    },
    Section {
        id: "reading",
        name: "Reading",
        weight: 1,
        questions: &[
            choice(
                "'Returns are accepted within 30 days, provided the seal is intact.' An item with a broken seal, ten days old,",
                ["can be returned", "cannot be returned", "can be exchanged only", "can be returned after 30 days"],
                1,
            ),
            choice(
                "'Unless you hear otherwise, come at nine.' Nobody calls. You",
                ["come at nine", "stay at home", "call first", "come whenever you like"],
                0,
            ),
            choice(
                "'The update all but removed the delay.' The delay is",
                ["unchanged", "worse", "almost gone", "gone altogether"],
                2,
            ),
        ],
    },
];
