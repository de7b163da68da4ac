/** What a face may ask about the devices of an account. Plain values. */
import type { DeviceView, PairingView } from "./device-view.ts"

export interface DevicesClient {
  /** Of a user; without a name one's own, revoked ones among them. @throws E015, E017, E018, E081, E082 */
  devices(name?: string): Promise<readonly DeviceView[]>
  /** Opens a place where a new device is met. @throws E098 when this device cannot make others */
  pairing(): Promise<PairingView>
  /** Waits for the new device and makes it one of the account's. @throws E055 too late, E070 no such code, E095, E098 */
  takeIn(code: string, timeoutMs: number): Promise<DeviceView>
  /** One's own whose id begins so: it is out of everything. @throws E040 unknown, E070 for this one, E098 */
  revokeDevice(id: string): Promise<DeviceView>
  /** @throws E040, E070, E098 */
  nameDevice(id: string, name: string): Promise<DeviceView>
}
