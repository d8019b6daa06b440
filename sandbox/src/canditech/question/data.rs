//! "Data analysis, 45 min".

use super::{Section, choice, written};

pub(crate) const DATA: &[Section] = &[
    Section {
        id: "sql",
        name: "SQL",
        weight: 40,
        questions: &[
            choice(
                "A table has one row per visit with user_id. Which expression counts the different users?",
                ["count(user_id)", "sum(user_id)", "count(DISTINCT user_id)", "max(user_id)"],
                2,
            ),
            choice(
                "After joining orders to order_lines the sum of orders.shipping is too high. Why?",
                [
                    "sum() counts NULL as 1",
                    "The join dropped orders without lines",
                    "The sum overflowed",
                    "Each order's shipping is repeated once per line",
                ],
                3,
            ),
            choice(
                "Which adds to every row the running total of amount by day?",
                [
                    "sum(amount) OVER (ORDER BY day)",
                    "sum(amount) GROUP BY day",
                    "cumsum(amount)",
                    "sum(amount) HAVING day",
                ],
                0,
            ),
            choice("avg(rating) over the values 4, NULL, 2 is", ["2", "3", "NULL", "6"], 1),
        ],
    },
    Section {
        id: "statistics",
        name: "Statistics",
        weight: 35,
        questions: &[
            choice(
                "Salaries in a firm: nine people earn 40,000 and one earns 1,000,000. Which figure describes a usual salary best?",
                ["The mean", "The median", "The range", "The standard deviation"],
                1,
            ),
            choice(
                "A test for a rare illness (1 in 1,000) is right 99% of the time, for ill and healthy alike. Someone tests positive. How likely is the illness?",
                ["About 9%", "About 50%", "About 99%", "About 1 in 1,000"],
                0,
            ),
            choice(
                "In an A/B test variant B is 2% better with p = 0.30. What do you report?",
                [
                    "B is better with 70% certainty",
                    "B is worse",
                    "B wins, since its number is higher",
                    "The data do not show a difference",
                ],
                3,
            ),
            choice(
                "Towns with more storks have more births. The likeliest reading is that",
                [
                    "storks raise the birth rate",
                    "births attract storks",
                    "a third thing, such as the size of the town, drives both",
                    "the data must be wrong",
                ],
                2,
            ),
        ],
    },
    Section {
        id: "presentation",
        name: "Presenting results",
        weight: 25,
        questions: &[
            choice(
                "You show how one number went over 36 months. Which chart?",
                ["A line chart", "A pie chart", "A radar chart", "A stacked bar per month"],
                0,
            ),
            choice(
                "A bar chart's axis begins at 95 and its bars read 96 and 98. What is the trouble?",
                [
                    "Nothing, it shows the difference clearly",
                    "The second bar looks three times as long",
                    "The bars ought to be sorted by name",
                    "Bars cannot show percentages",
                ],
                1,
            ),
            choice(
                "The head of sales asks for 'the number of customers'. What comes first?",
                [
                    "Count the rows of the customer table",
                    "Send last month's figure",
                    "Build a dashboard",
                    "Ask what counts as a customer, and what it is for",
                ],
                3,
            ),
            written(
                "Sales fell by 12% in one week. Name three explanations you would check first and the data you would look at for each.",
            ),
        ],
    },
];
