//! "Customer support, 30 min".

use super::{Section, choice, written};

pub(crate) const SUPPORT: &[Section] = &[
    Section {
        id: "judgement",
        name: "Judgement",
        weight: 40,
        questions: &[
            choice(
                "Four tickets wait. Which do you open first?",
                [
                    "A wish for a darker blue, 3 days old",
                    "A question about an invoice, 2 hours old",
                    "Nobody at a customer can sign in, 5 minutes old",
                    "A thank-you note, 1 day old",
                ],
                2,
            ),
            choice(
                "A caller wants the delivery address of an order changed but cannot answer the security question.",
                [
                    "Change it, the caller sounded honest",
                    "Explain why you cannot, and offer another way to prove who they are",
                    "Tell them the address on file so that they can check it",
                    "Hang up",
                ],
                1,
            ),
            choice(
                "You notice that you gave a customer wrong advice yesterday.",
                [
                    "Wait whether they write again",
                    "Change the ticket's notes",
                    "Ask a colleague to take the ticket over",
                    "Write to them now, say what was wrong and what is right",
                ],
                3,
            ),
        ],
    },
    Section {
        id: "empathy",
        name: "Tone and empathy",
        weight: 35,
        questions: &[
            choice(
                "'This is the third time your scale has failed!' Which first sentence is best?",
                [
                    "A third failure is not acceptable, and I am sorry; let us put it right today.",
                    "Have you read the manual?",
                    "Unfortunately our terms do not provide for that.",
                    "Please calm down first.",
                ],
                0,
            ),
            choice(
                "You must decline a refund. What belongs in the answer?",
                [
                    "Only the paragraph of the terms",
                    "The reason in plain words, and what you can do in its place",
                    "A promise to look into it, though nothing will change",
                    "Nothing but 'no', so that it is clear",
                ],
                1,
            ),
            choice(
                "A customer writes in anger and in capitals. You reply",
                [
                    "in capitals too",
                    "after a day, when they have cooled down",
                    "calmly, naming the problem they have before the solution",
                    "with a link to the house rules",
                ],
                2,
            ),
        ],
    },
    Section {
        id: "writing",
        name: "Clear writing",
        weight: 25,
        questions: &[
            choice(
                "Which instruction is clearest?",
                [
                    "The battery cover may now be opened by you.",
                    "Opening of the cover is to be effected.",
                    "It is possible that the cover needs opening.",
                    "Slide the battery cover to the left.",
                ],
                3,
            ),
            choice(
                "A fix takes five steps. How do you write them?",
                [
                    "As a numbered list, one action per line",
                    "As one paragraph",
                    "As a link to a video of 20 minutes",
                    "From the last step to the first",
                ],
                0,
            ),
            choice(
                "Which subject line helps the customer most?",
                ["Re: Re: Fw: Ticket", "Your replacement scale arrives on Thursday", "Important!!!", "Update"],
                1,
            ),
            written(
                "A customer's order arrived broken, two days before they need it. Write the reply you would send, in five sentences at most.",
            ),
        ],
    },
];
