/**
 * Of a hundred thousand cases, how many each property gets, by its title. What is dear gets few: a case of the table is a
 * table of its own, a case of the command line a whole command.
 */
export const SHARES = {
  "a page comes back from its items as it went in": 20_000,
  "an account of several pages comes back from the table as it went in": 1_000,
  "a spoiled page is refused by the path of what was spoiled": 12_000,
  "a key given twice is refused by its path": 4_000,
  "any bytes are a page, or a refusal with a code": 18_000,
  "any Retry-After is a wait that can be waited": 5_000,
  "a right event is the order that it says": 4_000,
  "a spoiled event is refused by the name of what was spoiled": 4_000,
  "a valid environment produces the expected configuration": 4_000,
  "an invalid environment is rejected with the name of the variable": 4_000,
  "a valid configuration of the stack produces a valid configuration of the function": 3_000,
  "an invalid configuration of the stack is rejected with the name of the key": 3_000,
  "a key file in any spelling signs as the key does": 2_000,
  "a spoiled key file is refused, or is a sound key": 5_000,
  "a date is all of its day, month or year on the wall": 4_000,
  "a time without an offset is a time on the wall": 3_000,
  "a while ago is that long ago by the calendar": 2_000,
  "any command line ends with an exit code": 2_000,
} as const;
