// Written by Jobferry when this folder is downloaded from its console: the account's page, and its connections.
globalThis.JOBFERRY = {
  page: "",
  connections: [],
};
