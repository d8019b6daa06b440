//! "Sales aptitude, 40 min", the archived "Excel basics, 30 min" and the draft "Product sense, 45 min".

use super::{Section, choice, written};

pub(crate) const SALES: &[Section] = &[
    Section {
        id: "discovery",
        name: "Discovery",
        weight: 40,
        questions: &[
            choice(
                "Which question tells you most about a buyer's need?",
                [
                    "Do you like our product?",
                    "What happens today when a measurement is wrong?",
                    "Shall I send an offer?",
                    "Have you heard of us?",
                ],
                1,
            ),
            choice(
                "After an hour you still do not know who decides. You ask",
                [
                    "Are you important enough to decide?",
                    "nothing, it would be rude",
                    "for the telephone number of the managing director",
                    "How did your company choose the last time it bought something like this?",
                ],
                3,
            ),
            choice(
                "A prospect talks freely about a problem you cannot solve. You",
                [
                    "say so, and where they might find help",
                    "promise that the next version will",
                    "steer back to your slides",
                    "offer a discount",
                ],
                0,
            ),
        ],
    },
    Section {
        id: "objections",
        name: "Objections",
        weight: 35,
        questions: &[
            choice(
                "'You are 20% dearer than the other.' The best first answer is",
                [
                    "I can give you 20% off.",
                    "The other one is bad.",
                    "May I ask what you compare, and what a failure would cost you?",
                    "That is company policy.",
                ],
                2,
            ),
            choice(
                "'Send me some documents.' What keeps the conversation alive?",
                [
                    "Send everything you have",
                    "Ask which question the documents should answer, and agree a day to talk",
                    "Send nothing",
                    "Call every day",
                ],
                1,
            ),
            choice(
                "'We have no budget this year.' You find out first",
                [
                    "whether the problem can wait a year and when budgets are made",
                    "whether they would take a smaller discount",
                    "who their bank is",
                    "whether a competitor has called",
                ],
                0,
            ),
        ],
    },
    Section {
        id: "numbers",
        name: "Numbers",
        weight: 25,
        questions: &[
            choice("A list price of 2,400 with 15% off is", ["2,385", "2,160", "1,985", "2,040"], 3),
            choice(
                "One lead in eight becomes a customer, and you need twelve customers. How many leads?",
                ["20", "80", "96", "108"],
                2,
            ),
            choice(
                "A device costs 600 and is sold at 800. The margin on the price is",
                ["25%", "33%", "20%", "75%"],
                0,
            ),
        ],
    },
];

pub(crate) const EXCEL: &[Section] = &[Section {
    id: "spreadsheets",
    name: "Spreadsheets",
    weight: 1,
    questions: &[
        choice("A1 holds 10, A2 holds 20. What does =SUM(A1:A2)/2 show?", ["10", "15", "20", "30"], 1),
        choice("Which reference stays the same when the formula is copied anywhere?", ["B2", "B$2", "$B2", "$B$2"], 3),
        choice(
            "You need the total of sales by region from 5,000 rows. The quickest tool is",
            ["a pivot table", "a filter and a calculator", "conditional formatting", "find and replace"],
            0,
        ),
    ],
}];

pub(crate) const PRODUCT: &[Section] = &[
    Section {
        id: "priorities",
        name: "Priorities",
        weight: 1,
        questions: &[
            choice(
                "Two features cost the same. Which goes first?",
                [
                    "The one a director saw at a fair",
                    "The one that is more fun to build",
                    "The one that removes a reason why customers leave",
                    "The older ticket",
                ],
                2,
            ),
            choice(
                "A feature shipped a month ago is used by 1% of users. You first",
                [
                    "find out whether the others know it and need it",
                    "build its second version",
                    "remove it tonight",
                    "buy advertisements for it",
                ],
                0,
            ),
            choice(
                "Which is an outcome, not an output?",
                [
                    "Twelve tickets closed",
                    "A new settings page",
                    "A release every week",
                    "New users reach their first report in half the time",
                ],
                3,
            ),
        ],
    },
    Section {
        id: "research",
        name: "User research",
        weight: 1,
        questions: &[
            choice(
                "Which interview question leads the least?",
                [
                    "Would you not like this to be faster?",
                    "Tell me about the last time you did this.",
                    "How much do you love the new page?",
                    "Would you pay 10 a month for it?",
                ],
                1,
            ),
            choice(
                "Five people in a usability test stumble at the same button. What do you do?",
                [
                    "Change it and test again",
                    "Test fifty more people first",
                    "Write a help page",
                    "Nothing, five are not significant",
                ],
                0,
            ),
            choice(
                "Users ask for an export to a spreadsheet. The best next step is to",
                ["build it", "refuse it", "watch what they do with the spreadsheet", "put it to the vote"],
                2,
            ),
            written("Name a product you use daily and one change you would make. How would you know that it worked?"),
        ],
    },
];
