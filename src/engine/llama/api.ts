import type { LibraryHandle } from "koffi";
import type { Memory, Pointer } from "./native";

type Flag = boolean;

/** Structs by value come and go as plain objects with the header's field names. */
export type Struct = Record<string, number | bigint | boolean | null>;

/** A C function, and its form that runs on another thread while the event loop goes on. */
export type Native<Args extends unknown[], Result> = ((...args: Args) => Result) & {
  async: (...args: [...Args, (error: unknown, result: Result) => void]) => void;
};

/** The functions of llama.h that the door uses. */
export interface LlamaApi {
  llama_version: Native<[], string>;
  llama_log_set: Native<[callback: Pointer | null, data: null], void>;
  llama_backend_init: Native<[], void>;
  llama_model_default_params: Native<[], Struct>;
  llama_context_default_params: Native<[], Struct>;
  llama_model_quantize_default_params: Native<[], Struct>;
  llama_model_quantize: Native<[from: string, to: string, params: Struct], number>;
  llama_model_load_from_file: Native<[file: string, params: Struct], Pointer | null>;
  llama_model_free: Native<[model: Pointer], void>;
  llama_init_from_model: Native<[model: Pointer, params: Struct], Pointer | null>;
  llama_free: Native<[context: Pointer], void>;
  llama_n_ctx: Native<[context: Pointer], number>;
  llama_get_memory: Native<[context: Pointer], Pointer | null>;
  llama_set_n_threads: Native<[context: Pointer, one: number, batch: number], void>;
  llama_model_get_vocab: Native<[model: Pointer], Pointer>;
  llama_model_n_ctx_train: Native<[model: Pointer], number>;
  llama_model_n_embd: Native<[model: Pointer], number>;
  llama_model_n_layer: Native<[model: Pointer], number>;
  llama_model_n_head: Native<[model: Pointer], number>;
  llama_model_n_head_kv: Native<[model: Pointer], number>;
  llama_model_size: Native<[model: Pointer], number>;
  llama_model_n_params: Native<[model: Pointer], number>;
  llama_model_ftype: Native<[model: Pointer], number>;
  llama_ftype_name: Native<[type: number], string>;
  llama_model_has_encoder: Native<[model: Pointer], Flag>;
  llama_model_has_decoder: Native<[model: Pointer], Flag>;
  llama_model_is_recurrent: Native<[model: Pointer], Flag>;
  llama_model_is_hybrid: Native<[model: Pointer], Flag>;
  llama_model_is_diffusion: Native<[model: Pointer], Flag>;
  llama_adapter_lora_init: Native<[model: Pointer, file: string], Pointer | null>;
  llama_set_adapters_lora: Native<[context: Pointer, adapters: Memory, count: number, scales: Memory], number>;
  llama_set_adapter_cvec: Native<
    [context: Pointer, data: Memory, length: number, width: number, first: number, last: number],
    number
  >;
  llama_memory_clear: Native<[memory: Pointer, data: Flag], void>;
  llama_memory_seq_rm: Native<[memory: Pointer, sequence: number, from: number, to: number], Flag>;
  llama_memory_seq_cp: Native<[memory: Pointer, from: number, to: number, start: number, end: number], void>;
  llama_decode: Native<[context: Pointer, batch: Struct], number>;
  llama_get_logits_ith: Native<[context: Pointer, index: number], Pointer | null>;
  llama_vocab_type: Native<[vocab: Pointer], number>;
  llama_vocab_n_tokens: Native<[vocab: Pointer], number>;
  llama_vocab_get_attr: Native<[vocab: Pointer, token: number], number>;
  llama_vocab_is_eog: Native<[vocab: Pointer, token: number], Flag>;
  llama_vocab_bos: Native<[vocab: Pointer], number>;
  llama_vocab_eos: Native<[vocab: Pointer], number>;
  llama_vocab_get_add_bos: Native<[vocab: Pointer], Flag>;
  llama_tokenize: Native<
    [vocab: Pointer, text: Memory, length: number, tokens: Memory, max: number, addSpecial: Flag, parseSpecial: Flag],
    number
  >;
  llama_token_to_piece: Native<
    [vocab: Pointer, token: number, into: Memory, length: number, strip: number, special: Flag],
    number
  >;
  llama_sampler_chain_init: Native<[params: Struct], Pointer>;
  llama_sampler_chain_add: Native<[chain: Pointer, sampler: Pointer], void>;
  llama_sampler_init_dist: Native<[seed: number], Pointer>;
  llama_sampler_init_greedy: Native<[], Pointer>;
  llama_sampler_init_top_k: Native<[k: number], Pointer>;
  llama_sampler_init_top_p: Native<[p: number, keep: number], Pointer>;
  llama_sampler_init_min_p: Native<[p: number, keep: number], Pointer>;
  llama_sampler_init_temp: Native<[temperature: number], Pointer>;
  llama_sampler_init_penalties: Native<
    [vocabulary: number, window: number, repeat: number, frequency: number, presence: number],
    Pointer
  >;
  llama_sampler_init_logit_bias: Native<[vocabulary: number, count: number, biases: Memory], Pointer>;
  llama_sampler_init_grammar: Native<[vocab: Pointer, grammar: string, root: string], Pointer | null>;
  llama_sampler_accept: Native<[sampler: Pointer, token: number], void>;
  llama_sampler_apply: Native<[sampler: Pointer, candidates: Memory], void>;
  llama_sampler_free: Native<[sampler: Pointer], void>;
}

/** The functions of ggml.h and ggml-backend.h that the door uses. */
export interface GgmlApi {
  ggml_get_name: Native<[tensor: Pointer], string>;
  ggml_type_name: Native<[type: number], string>;
  ggml_get_type_traits: Native<[type: number], Pointer>;
  ggml_init: Native<[params: Struct], Pointer | null>;
  ggml_free: Native<[context: Pointer], void>;
  ggml_tensor_overhead: Native<[], number>;
  ggml_graph_overhead_custom: Native<[size: number, gradients: Flag], number>;
  ggml_new_graph_custom: Native<[context: Pointer, size: number, gradients: Flag], Pointer>;
  ggml_build_forward_expand: Native<[graph: Pointer, tensor: Pointer], void>;
  ggml_new_tensor_2d: Native<[context: Pointer, type: number, ne0: number, ne1: number], Pointer>;
  ggml_set_input: Native<[tensor: Pointer], void>;
  ggml_set_output: Native<[tensor: Pointer], void>;
  ggml_rms_norm: Native<[context: Pointer, a: Pointer, eps: number], Pointer>;
  ggml_norm: Native<[context: Pointer, a: Pointer, eps: number], Pointer>;
  ggml_add: Native<[context: Pointer, a: Pointer, b: Pointer], Pointer>;
  ggml_sub: Native<[context: Pointer, a: Pointer, b: Pointer], Pointer>;
  ggml_mul: Native<[context: Pointer, a: Pointer, b: Pointer], Pointer>;
  ggml_mul_mat: Native<[context: Pointer, a: Pointer, b: Pointer], Pointer>;
  ggml_scale: Native<[context: Pointer, a: Pointer, factor: number], Pointer>;
  ggml_tanh: Native<[context: Pointer, a: Pointer], Pointer>;
  ggml_soft_max: Native<[context: Pointer, a: Pointer], Pointer>;
  ggml_sum_rows: Native<[context: Pointer, a: Pointer], Pointer>;
  ggml_top_k: Native<[context: Pointer, a: Pointer, k: number], Pointer>;
  ggml_cont: Native<[context: Pointer, a: Pointer], Pointer>;
  ggml_transpose: Native<[context: Pointer, a: Pointer], Pointer>;
  ggml_get_rows: Native<[context: Pointer, a: Pointer, rows: Pointer], Pointer>;
  ggml_reshape_3d: Native<[context: Pointer, a: Pointer, ne0: number, ne1: number, ne2: number], Pointer>;
  ggml_reshape_2d: Native<[context: Pointer, a: Pointer, ne0: number, ne1: number], Pointer>;
  ggml_step: Native<[context: Pointer, a: Pointer], Pointer>;
  ggml_backend_tensor_get: Native<[tensor: Pointer, into: Memory, offset: number, bytes: number], void>;
  ggml_backend_tensor_set: Native<[tensor: Pointer, from: Memory, offset: number, bytes: number], void>;
  ggml_backend_free: Native<[backend: Pointer], void>;
  ggml_backend_dev_count: Native<[], number>;
  ggml_backend_dev_get: Native<[index: number], Pointer>;
  ggml_backend_dev_name: Native<[device: Pointer], string>;
  ggml_backend_dev_description: Native<[device: Pointer], string>;
  ggml_backend_dev_type: Native<[device: Pointer], number>;
  ggml_backend_dev_memory: Native<[device: Pointer, free: Memory, total: Memory], void>;
  ggml_backend_dev_init: Native<[device: Pointer, params: null], Pointer | null>;
  ggml_backend_dev_backend_reg: Native<[device: Pointer], Pointer>;
  ggml_backend_reg_get_proc_address: Native<[registry: Pointer, name: string], Pointer | null>;
  ggml_backend_load_all_from_path: Native<[folder: string], void>;
  ggml_backend_sched_new: Native<
    [backends: Memory, types: null, count: number, size: number, parallel: Flag, offload: Flag],
    Pointer
  >;
  ggml_backend_sched_free: Native<[scheduler: Pointer], void>;
  ggml_backend_sched_alloc_graph: Native<[scheduler: Pointer, graph: Pointer], Flag>;
  ggml_backend_sched_graph_compute: Native<[scheduler: Pointer, graph: Pointer], number>;
}

const p = "void *";
const s = "const char *";

type Signature = [result: string, ...args: string[]];

const llamaSignatures: Record<keyof LlamaApi, Signature> = {
  llama_version: [s],
  llama_log_set: ["void", p, p],
  llama_backend_init: ["void"],
  llama_model_default_params: ["llama_model_params"],
  llama_context_default_params: ["llama_context_params"],
  llama_model_quantize_default_params: ["llama_model_quantize_params"],
  llama_model_quantize: ["uint32_t", s, s, "llama_model_quantize_params *"],
  llama_model_load_from_file: [p, s, "llama_model_params"],
  llama_model_free: ["void", p],
  llama_init_from_model: [p, p, "llama_context_params"],
  llama_free: ["void", p],
  llama_n_ctx: ["uint32_t", p],
  llama_get_memory: [p, p],
  llama_set_n_threads: ["void", p, "int32_t", "int32_t"],
  llama_model_get_vocab: [p, p],
  llama_model_n_ctx_train: ["int32_t", p],
  llama_model_n_embd: ["int32_t", p],
  llama_model_n_layer: ["int32_t", p],
  llama_model_n_head: ["int32_t", p],
  llama_model_n_head_kv: ["int32_t", p],
  llama_model_size: ["uint64_t", p],
  llama_model_n_params: ["uint64_t", p],
  llama_model_ftype: ["int32_t", p],
  llama_ftype_name: [s, "int32_t"],
  llama_model_has_encoder: ["bool", p],
  llama_model_has_decoder: ["bool", p],
  llama_model_is_recurrent: ["bool", p],
  llama_model_is_hybrid: ["bool", p],
  llama_model_is_diffusion: ["bool", p],
  llama_adapter_lora_init: [p, p, s],
  llama_set_adapters_lora: ["int32_t", p, p, "size_t", p],
  llama_set_adapter_cvec: ["int32_t", p, p, "size_t", "int32_t", "int32_t", "int32_t"],
  llama_memory_clear: ["void", p, "bool"],
  llama_memory_seq_rm: ["bool", p, "int32_t", "int32_t", "int32_t"],
  llama_memory_seq_cp: ["void", p, "int32_t", "int32_t", "int32_t", "int32_t"],
  llama_decode: ["int32_t", p, "llama_batch"],
  llama_get_logits_ith: [p, p, "int32_t"],
  llama_vocab_type: ["int32_t", p],
  llama_vocab_n_tokens: ["int32_t", p],
  llama_vocab_get_attr: ["int32_t", p, "int32_t"],
  llama_vocab_is_eog: ["bool", p, "int32_t"],
  llama_vocab_bos: ["int32_t", p],
  llama_vocab_eos: ["int32_t", p],
  llama_vocab_get_add_bos: ["bool", p],
  llama_tokenize: ["int32_t", p, p, "int32_t", p, "int32_t", "bool", "bool"],
  llama_token_to_piece: ["int32_t", p, "int32_t", p, "int32_t", "int32_t", "bool"],
  llama_sampler_chain_init: [p, "llama_sampler_chain_params"],
  llama_sampler_chain_add: ["void", p, p],
  llama_sampler_init_dist: [p, "uint32_t"],
  llama_sampler_init_greedy: [p],
  llama_sampler_init_top_k: [p, "int32_t"],
  llama_sampler_init_top_p: [p, "float", "size_t"],
  llama_sampler_init_min_p: [p, "float", "size_t"],
  llama_sampler_init_temp: [p, "float"],
  llama_sampler_init_penalties: [p, "int32_t", "int32_t", "float", "float", "float"],
  llama_sampler_init_logit_bias: [p, "int32_t", "int32_t", p],
  llama_sampler_init_grammar: [p, p, s, s],
  llama_sampler_accept: ["void", p, "int32_t"],
  llama_sampler_apply: ["void", p, p],
  llama_sampler_free: ["void", p],
};

/** Functions that live in the ggml registry library; the rest of GgmlApi is in the base library. */
const registryFunctions: readonly (keyof GgmlApi)[] = [
  "ggml_backend_dev_count",
  "ggml_backend_dev_get",
  "ggml_backend_load_all_from_path",
];

const ggmlSignatures: Record<keyof GgmlApi, Signature> = {
  ggml_get_name: [s, p],
  ggml_type_name: [s, "int32_t"],
  ggml_get_type_traits: [p, "int32_t"],
  ggml_init: [p, "ggml_init_params"],
  ggml_free: ["void", p],
  ggml_tensor_overhead: ["size_t"],
  ggml_graph_overhead_custom: ["size_t", "size_t", "bool"],
  ggml_new_graph_custom: [p, p, "size_t", "bool"],
  ggml_build_forward_expand: ["void", p, p],
  ggml_new_tensor_2d: [p, p, "int32_t", "int64_t", "int64_t"],
  ggml_set_input: ["void", p],
  ggml_set_output: ["void", p],
  ggml_rms_norm: [p, p, p, "float"],
  ggml_norm: [p, p, p, "float"],
  ggml_add: [p, p, p, p],
  ggml_sub: [p, p, p, p],
  ggml_mul: [p, p, p, p],
  ggml_mul_mat: [p, p, p, p],
  ggml_scale: [p, p, p, "float"],
  ggml_tanh: [p, p, p],
  ggml_soft_max: [p, p, p],
  ggml_sum_rows: [p, p, p],
  ggml_top_k: [p, p, p, "int32_t"],
  ggml_cont: [p, p, p],
  ggml_transpose: [p, p, p],
  ggml_get_rows: [p, p, p, p],
  ggml_reshape_3d: [p, p, p, "int64_t", "int64_t", "int64_t"],
  ggml_reshape_2d: [p, p, p, "int64_t", "int64_t"],
  ggml_step: [p, p, p],
  ggml_backend_tensor_get: ["void", p, p, "size_t", "size_t"],
  ggml_backend_tensor_set: ["void", p, p, "size_t", "size_t"],
  ggml_backend_free: ["void", p],
  ggml_backend_dev_count: ["size_t"],
  ggml_backend_dev_get: [p, "size_t"],
  ggml_backend_dev_name: [s, p],
  ggml_backend_dev_description: [s, p],
  ggml_backend_dev_type: ["int32_t", p],
  ggml_backend_dev_memory: ["void", p, p, p],
  ggml_backend_dev_init: [p, p, s],
  ggml_backend_dev_backend_reg: [p, p],
  ggml_backend_reg_get_proc_address: [p, p, s],
  ggml_backend_load_all_from_path: ["void", s],
  ggml_backend_sched_new: [p, p, p, "int32_t", "size_t", "bool", "bool"],
  ggml_backend_sched_free: ["void", p],
  ggml_backend_sched_alloc_graph: ["bool", p, p],
  ggml_backend_sched_graph_compute: ["int32_t", p, p],
};

export type Api = LlamaApi & GgmlApi;

/** Binds every function of the tables; a missing one throws with its name. */
export function bind(libraries: { base: LibraryHandle; ggml: LibraryHandle; llama: LibraryHandle }): Api {
  const api: Record<string, unknown> = {};
  const add = (library: LibraryHandle, name: string, [result, ...args]: Signature): void => {
    api[name] = library.func(name, result, args);
  };
  for (const [name, signature] of Object.entries(llamaSignatures)) add(libraries.llama, name, signature);
  const inRegistry = new Set<string>(registryFunctions);
  for (const [name, signature] of Object.entries(ggmlSignatures)) {
    add(inRegistry.has(name) ? libraries.ggml : libraries.base, name, signature);
  }
  return api as unknown as Api;
}
