import vm from "node:vm";
import { TestEnvironment } from "jest-environment-node";

const { createContext } = vm;

/**
 * jest asks a proxy at each use of a global: of `Buffer`, `Promise`, `Object`. A tenth of the suite's time goes there. Here the
 * globals are an object of their own for each suite, as without jest.
 */
export default class PlainGlobals extends TestEnvironment {
  constructor(...given) {
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    super(...given);
    vm.createContext = createContext;
  }
}
