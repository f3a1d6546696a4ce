// Asks an SCP for operations, in order, on one association, with the npm package dcmjs-dimse, and prints as JSON what it answered.
// Use: node scu.js PORT CALLED CALLING [AUTHORITY [CERTIFICATE KEY]] < [{ "operation": "N-SET", "sopClass", "sopInstance", "dataSet", "attributes" },
//   { "operation": "C-ECHO" }, { "operation": "C-STORE", "file" }, { "operation": "C-FIND", "keys" },
//   { "operation": "C-MOVE", "keys", "to" }, { "operation": "C-GET", "keys", "folder" }, ...]
'use strict';

const fs = require('fs');
const path = require('path');
const { Client, Dataset, log, requests, responses, constants } = require('dcmjs-dimse');
const { Status, TransferSyntax } = constants;
log.disableAll();

const make = {
  'N-CREATE': (one) => new requests.NCreateRequest(one.sopClass, one.sopInstance),
  'N-SET': (one) => new requests.NSetRequest(one.sopClass, one.sopInstance),
  'N-GET': (one) => new requests.NGetRequest(one.sopClass, one.sopInstance, one.attributes ?? []),
  'C-ECHO': () => new requests.CEchoRequest(),
  'C-STORE': (one) => new requests.CStoreRequest(one.file),
  'C-FIND': (one) => withKeys(new requests.CFindRequest(), one),
  'C-MOVE': (one) => {
    const request = withKeys(new requests.CMoveRequest(), one);
    request.getCommandDataset().setElement('MoveDestination', one.to);
    return request;
  },
  'C-GET': (one) => withKeys(new requests.CGetRequest(), one),
};

function withKeys(request, one) {
  request.setDataset(new Dataset(one.keys));
  return request;
}

const [port, called, calling, ...pems] = process.argv.slice(2);
const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
const answers = asked.map(() => undefined);
const client = new Client();
asked.forEach((one, index) => {
  const request = make[one.operation](one);
  if (one.dataSet) {
    request.setDataset(new Dataset(one.dataSet, TransferSyntax.ExplicitVRLittleEndian));
  }

  const matches = [];
  request.on('response', (response) => {
    const command = response.getCommandDataset().getElements();
    if (response.getStatus() === Status.Pending || response.getStatus() === 0xff01) {
      if (response.getDataset()) {
        matches.push(response.getDataset().getElements());
      }

      return;
    }

    answers[index] = {
      status: response.getStatus(),
      sopInstance: command.AffectedSOPInstanceUID,
      comment: command.ErrorComment,
      errorId: command.ErrorID,
      dataSet: response.getDataset()?.getElements(),
      matches,
      completed: command.NumberOfCompletedSuboperations,
      failed: command.NumberOfFailedSuboperations,
      warning: command.NumberOfWarningSuboperations,
    };
  });
  client.addRequest(request);
});

// Instances that come by C-GET.
client.on('cStoreRequest', (request, callback) => {
  const folder = asked.find((one) => one.operation === 'C-GET').folder;
  request.getDataset().toFile(path.join(folder, `${request.getAffectedSopInstanceUid()}.dcm`));
  const response = responses.CStoreResponse.fromRequest(request);
  response.setStatus(Status.Success);
  callback(response);
});
client.on('associationRejected', (result) => {
  console.error('rejected', result);
  process.exit(1);
});
client.on('networkError', (error) => {
  console.error(error);
  process.exit(1);
});
client.on('closed', () => console.log(JSON.stringify(answers)));
const [ca, cert, key] = pems.map((file) => fs.readFileSync(file));
client.send('127.0.0.1', Number(port), calling, called, ca ? { securityOptions: { ca, cert, key, rejectUnauthorized: true } } : {});
