// mocha lets a rejection that nobody awaited pass; here it fails the run.
process.on("unhandledRejection", (error) => {
  throw error;
});
