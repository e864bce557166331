import { AsyncLocalStorage } from "node:async_hooks";
import vm from "node:vm";
import { TestEnvironment } from "jest-environment-node";

const { createContext } = vm;
const { run } = AsyncLocalStorage.prototype;

/** The instances that the current suite has used. */
const usedStorages = new Set();
AsyncLocalStorage.prototype.run = function (...args) {
  usedStorages.add(this);
  return run.apply(this, args);
};

/** The Node environment without two features of jest that make this suite slow. */
export default class FastEnvironment extends TestEnvironment {
  /**
   * jest puts a proxy in front of all globals, such as `Buffer` and `Promise`, which takes a tenth of the suite's time. Here
   * each suite's globals are a plain object.
   */
  constructor(...args) {
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    super(...args);
    vm.createContext = createContext;
  }

  /** jest creates an `AsyncLocalStorage` for each suite; Node notifies each one of every later promise until it is disabled. */
  async teardown() {
    await super.teardown();
    for (const storage of usedStorages) storage.disable();
    usedStorages.clear();
  }
}
