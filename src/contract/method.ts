/** One method of a boundary: what it takes, what it gives, and what it reports on the way. */
export interface Method<Params, Result, Progress = never> {
  params: Params;
  result: Result;
  progress: Progress;
}

/** A boundary is a map of names to methods. */
export type MethodMap = Record<string, Method<never, unknown, unknown>> | object;

export type ParamsOf<M, K extends keyof M> = M[K] extends { params: infer P } ? P : never;
export type ResultOf<M, K extends keyof M> = M[K] extends { result: infer R } ? R : never;
export type ProgressOf<M, K extends keyof M> = M[K] extends { progress: infer G } ? G : never;

/** What a handler is given beside its parameters. */
export interface CallContext<Progress> {
  signal: AbortSignal;
  progress(value: Progress): void;
}

export interface CallOptions<Progress> {
  signal?: AbortSignal;
  onProgress?: (value: Progress) => void;
}

/** The serving side of a boundary. */
export type Handlers<M> = {
  [K in keyof M]: (params: ParamsOf<M, K>, context: CallContext<ProgressOf<M, K>>) => Promise<ResultOf<M, K>>;
};

/** The calling side of a boundary. */
export interface Caller<M> {
  call<K extends keyof M & string>(
    method: K,
    params: ParamsOf<M, K>,
    options?: CallOptions<ProgressOf<M, K>>,
  ): Promise<ResultOf<M, K>>;
}
