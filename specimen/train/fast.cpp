// The specimen's forward and backward pass on one thread of a CPU with AVX-512 BF16: about twice as fast as PyTorch's.
// Same arithmetic as model.py under autocast: products of bfloat16, sums in float32. Compiled by fast.py; optional.
#include <immintrin.h>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

typedef uint16_t bf16;
constexpr int D = 256, HEADS = 8, KV = 4, HD = 32, FEED = 576, QKV = D + 2 * KV * HD, GU = 2 * FEED;
constexpr float EPS = 1e-5f;

template <class T> struct Buffer {
  std::vector<T> data;
  T *get(size_t n) {
    if (data.size() < n + 64) data.resize(n + 64);
    return reinterpret_cast<T *>((reinterpret_cast<uintptr_t>(data.data()) + 63) & ~uintptr_t(63));
  }
};

inline void narrow(const float *x, bf16 *y, size_t n) {
  size_t i = 0;
  for (; i + 16 <= n; i += 16) _mm256_storeu_si256((__m256i *)(y + i), (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(x + i)));
  for (; i < n; i++) y[i] = (bf16)_mm_extract_epi16((__m128i)_mm_cvtneps_pbh(_mm_set_ss(x[i])), 0);
}
inline __m512 widen(const bf16 *x) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)x)), 16));
}
inline float wide(bf16 x) {
  uint32_t u = uint32_t(x) << 16;
  float f;
  memcpy(&f, &u, 4);
  return f;
}

inline __m512 exp512(__m512 x) {
  x = _mm512_max_ps(_mm512_min_ps(x, _mm512_set1_ps(88.f)), _mm512_set1_ps(-87.f));
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), 0);
  const __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693147181f), x);
  __m512 p = _mm512_set1_ps(1.f / 720);
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 120));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 24));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f / 6));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(.5f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f));
  p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.f));
  return _mm512_scalef_ps(p, n);
}

// Rows r and r+1 of a (rows x cols) matrix side by side: out[r/2][col][2]. An odd last row is paired with zeros.
void pairRows(const bf16 *x, size_t ld, int rows, int cols, uint32_t *out, size_t ldo) {
  const __m512i even = _mm512_setzero_si512();
  for (int r = 0; r < rows; r += 2) {
    const bf16 *a = x + r * ld, *b = r + 1 < rows ? a + ld : nullptr;
    uint32_t *o = out + size_t(r / 2) * ldo;
    for (int c = 0; c < cols; c += 16) {
      __m512i lo = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(a + c)));
      __m512i hi = b ? _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(b + c))), 16) : even;
      _mm512_storeu_si512(o + c, _mm512_or_si512(lo, hi));
    }
  }
}

// The right side of a product, (K x N) with N a multiple of 32, as panels [N/32][K/2][32] of pairs along K.
void panelsOf(const bf16 *x, size_t ld, int K, int N, uint32_t *out) {
  const size_t kk = (K + 1) / 2;
  for (int n = 0; n < N; n += 32) pairRows(x + n, ld, K, 32, out + size_t(n / 32) * kk * 32, 32);
}
// The same of its transpose: x is (N x K).
void panelsOfTransposed(const bf16 *x, size_t ld, int N, int K, uint32_t *out) {
  const size_t kk = K / 2;
  for (int n = 0; n < N; n += 32)
    for (int j = 0; j < 32; j++) {
      const uint32_t *row = (const uint32_t *)(x + size_t(n + j) * ld);
      uint32_t *o = out + size_t(n / 32) * kk * 32 + j;
      for (size_t k = 0; k < kk; k++) o[k * 32] = row[k];
    }
}

template <int MR> inline void tile(const uint32_t *a, size_t sm, size_t sk, const uint32_t *b, int kk, float *c, size_t ldc, bool add) {
  __m512 acc[MR][2];
  for (int m = 0; m < MR; m++) acc[m][0] = acc[m][1] = _mm512_setzero_ps();
  for (int k = 0; k < kk; k++) {
    const __m512bh b0 = (__m512bh)_mm512_loadu_si512(b + k * 32), b1 = (__m512bh)_mm512_loadu_si512(b + k * 32 + 16);
#pragma GCC unroll 14
    for (int m = 0; m < MR; m++) {
      const __m512bh x = (__m512bh)_mm512_set1_epi32((int)a[m * sm + k * sk]);
      acc[m][0] = _mm512_dpbf16_ps(acc[m][0], x, b0);
      acc[m][1] = _mm512_dpbf16_ps(acc[m][1], x, b1);
    }
  }
  for (int m = 0; m < MR; m++)
    for (int h = 0; h < 2; h++) {
      float *o = c + m * ldc + h * 16;
      _mm512_storeu_ps(o, add ? _mm512_add_ps(_mm512_loadu_ps(o), acc[m][h]) : acc[m][h]);
    }
}

// C (M x N, float) = or += A B over kk pairs. A's pair (m, k) lies at a[m*sm + k*sk]; B in panels `stride` words apart.
void product(int M, int N, int kk, const uint32_t *a, size_t sm, size_t sk, const uint32_t *b, size_t stride, float *c, size_t ldc, bool add) {
  for (int n = 0; n < N; n += 32) {
    const uint32_t *panel = b + size_t(n / 32) * stride;
    int m = 0;
    for (; m + 14 <= M; m += 14) tile<14>(a + m * sm, sm, sk, panel, kk, c + m * ldc + n, ldc, add);
    switch (M - m) {
#define CASE(R) case R: tile<R>(a + m * sm, sm, sk, panel, kk, c + m * ldc + n, ldc, add); break;
      CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13)
#undef CASE
      default: break;
    }
  }
}
// A is (M x K) of bfloat16, row by row.
inline void rowsTimes(int M, int N, int K, const bf16 *a, size_t lda, const uint32_t *b, float *c, size_t ldc, bool add) {
  product(M, N, K / 2, (const uint32_t *)a, lda / 2, 1, b, size_t(K / 2) * 32, c, ldc, add);
}

// Weights as the products need them; made once a step.
struct Packed {
  Buffer<bf16> narrowW;
  Buffer<uint32_t> words;
  uint32_t *at[9][8];  // [layer or 8 for the embedding][qkv, qkvT, o, oT, gu, guT, down, downT]
};

struct Layer { const float *norm1, *qkv, *o, *norm2, *gu, *down; };

struct Net {
  int layers = 0, vocabulary = 0;
  Packed packed;
  Buffer<float> x, mid, qf, big, t1, t2, rs1, rs2, lse, cosT, sinT, scores, ds, head, delta;
  Buffer<bf16> h1, q, o, h2, gu, act, hb, db, db2, pb, sb, hs, dl;
  Buffer<uint32_t> pairA, pairB, pk, pv, pk2, pv2, pairs;
};
Net net;

Layer layerOf(const float *flat, int V, int i) {
  const float *p = flat + size_t(V) * D + D + size_t(i) * (D + QKV * D + D * D + D + GU * D + D * FEED);
  Layer l;
  l.norm1 = p; p += D;
  l.qkv = p; p += QKV * D;
  l.o = p; p += D * D;
  l.norm2 = p; p += D;
  l.gu = p; p += GU * D;
  l.down = p;
  return l;
}

void normForward(const float *x, const float *w, int M, bf16 *y, float *rs) {
  for (int m = 0; m < M; m++) {
    const float *r = x + size_t(m) * D;
    float s = 0;
    for (int i = 0; i < D; i++) s += r[i] * r[i];
    const float k = rs[m] = 1.f / std::sqrt(s / D + EPS);
    float t[D];
    for (int i = 0; i < D; i++) t[i] = r[i] * k * w[i];
    narrow(t, y + size_t(m) * D, D);
  }
}
// dx += the gradient through the norm; dw += that of its weight.
void normBackward(const float *x, const float *w, const float *rs, const float *dy, int M, float *dx, float *dw) {
  for (int m = 0; m < M; m++) {
    const float *r = x + size_t(m) * D, *g = dy + size_t(m) * D;
    float *o = dx + size_t(m) * D;
    const float k = rs[m];
    float s = 0;
    for (int i = 0; i < D; i++) s += g[i] * w[i] * r[i];
    const float c = s * k * k * k / D;
    for (int i = 0; i < D; i++) {
      o[i] += g[i] * w[i] * k - r[i] * c;
      dw[i] += g[i] * r[i] * k;
    }
  }
}

void rotate(float *x, int heads, size_t ld, int M, int T, float scale, bool back) {
  for (int m = 0; m < M; m++) {
    const float *c = net.cosT.get(1) + size_t(m % T) * 16, *s = net.sinT.get(1) + size_t(m % T) * 16;
    for (int h = 0; h < heads; h++) {
      float *p = x + m * ld + h * HD;
      for (int i = 0; i < 16; i++) {
        const float a = p[i], b = p[i + 16], sn = back ? -s[i] : s[i];
        p[i] = (a * c[i] - b * sn) * scale;
        p[i + 16] = (a * sn + b * c[i]) * scale;
      }
    }
  }
}

// dW (out x in) += dY^T X for bfloat16 dY (M x out) and X (M x in).
void weightGradient(const bf16 *dy, int out, const bf16 *x, int in, int M, float *dw) {
  const int kk = (M + 1) / 2;
  uint32_t *a = net.pairA.get(size_t(kk) * out), *b = net.pairB.get(size_t(kk) * in);
  pairRows(dy, out, M, out, a, out);
  panelsOf(x, in, M, in, b);
  product(out, in, kk, a, 1, out, b, size_t(kk) * 32, dw, in, true);
}

inline int upTo32(int n) { return (n + 31) & ~31; }

// Causal scores of one head: rows of `a` against the panels of `b`, blocks beyond the diagonal left out.
void causal(int T, const bf16 *a, size_t lda, const uint32_t *panels, float *s, int ld) {
  for (int m = 0; m < T; m += 14) {
    const int rows = T - m < 14 ? T - m : 14, columns = upTo32(m + rows);
    product(rows, columns, HD / 2, (const uint32_t *)(a + m * lda), lda / 2, 1, panels, HD / 2 * 32, s + size_t(m) * ld, ld, false);
  }
}

// A sum over keys (forward) with the rows' own bfloat16 weights p (T x ld): c = p v, only keys up to the row's.
void mixRows(int T, const bf16 *p, int ld, const uint32_t *pairs, float *c, size_t ldc, bool add) {
  for (int m = 0; m < T; m += 14) {
    const int rows = T - m < 14 ? T - m : 14, kk = (m + rows + 1) / 2;
    product(rows, HD, kk, (const uint32_t *)(p + size_t(m) * ld), ld / 2, 1, pairs, 0, c + m * ldc, ldc, add);
  }
}
// c (keys x HD) += p^T y, where only rows from the key's own on count.
void mixColumns(int T, const uint32_t *pPairs, int ld, const uint32_t *yPairs, float *c, size_t ldc) {
  for (int m = 0; m < T; m += 14) {
    const int rows = T - m < 14 ? T - m : 14, k0 = m / 2, kk = (T + 1) / 2 - k0;
    product(rows, HD, kk, pPairs + size_t(k0) * ld + m, 1, ld, yPairs + size_t(k0) * 32, 0, c + m * ldc, ldc, true);
  }
}

// Panels for scores: keys (T x HD) transposed, padded to 32 columns with zeros.
void keyPanels(const bf16 *k, size_t ld, int T, uint32_t *out) {
  const int P = upTo32(T) / 32;
  for (int n = 0; n < P; n++)
    for (int j = 0; j < 32; j++) {
      const int t = n * 32 + j;
      const uint32_t *row = (const uint32_t *)(k + size_t(t) * ld);
      for (int i = 0; i < HD / 2; i++) out[(size_t(n) * (HD / 2) + i) * 32 + j] = t < T ? row[i] : 0;
    }
}

// Turns a row of causal scores into probabilities; returns the log of their sum before.
inline float softmaxRow(float *s, int n, int ld) {
  float top = -1e30f;
  for (int i = 0; i < n; i++) top = s[i] > top ? s[i] : top;
  __m512 sum = _mm512_setzero_ps();
  const __m512 t = _mm512_set1_ps(top);
  int i = 0;
  for (; i < n; i += 16) {
    const __mmask16 k = n - i >= 16 ? 0xffff : (__mmask16)((1u << (n - i)) - 1);
    const __m512 e = _mm512_maskz_mov_ps(k, exp512(_mm512_sub_ps(_mm512_loadu_ps(s + i), t)));
    _mm512_storeu_ps(s + i, e);
    sum = _mm512_add_ps(sum, e);
  }
  const float total = _mm512_reduce_add_ps(sum), inverse = 1 / total;
  for (int j = 0; j < i; j++) s[j] *= inverse;
  for (int j = i; j < ld; j++) s[j] = 0;
  return top + std::log(total);
}

}  // namespace

extern "C" {

// Called after each change of the weights (flat, in model.py's order).
void prepare(const float *flat, int layers, int vocabulary, int longest) {
  net.layers = layers;
  net.vocabulary = vocabulary;
  const size_t per = size_t(QKV) * D + D * D + size_t(GU) * D + D * FEED;
  uint32_t *w = net.packed.words.get((per * layers + size_t(vocabulary) * D) + 4096);
  auto both = [&](const float *x, int out, int in, uint32_t *&forward, uint32_t *&backward) {
    bf16 *n = net.packed.narrowW.get(size_t(out) * in);
    narrow(x, n, size_t(out) * in);
    forward = w; w += size_t(out) * in / 2;
    panelsOfTransposed(n, in, out, in, forward);
    backward = w; w += size_t(out) * in / 2;
    panelsOf(n, in, out, in, backward);
  };
  auto &at = net.packed.at;
  for (int i = 0; i < layers; i++) {
    const Layer l = layerOf(flat, vocabulary, i);
    both(l.qkv, QKV, D, at[i][0], at[i][1]);
    both(l.o, D, D, at[i][2], at[i][3]);
    both(l.gu, GU, D, at[i][4], at[i][5]);
    both(l.down, D, FEED, at[i][6], at[i][7]);
  }
  both(flat, vocabulary, D, at[8][0], at[8][1]);
  float *c = net.cosT.get(size_t(longest) * 16), *s = net.sinT.get(size_t(longest) * 16);
  for (int t = 0; t < longest; t++)
    for (int i = 0; i < 16; i++) {
      const double angle = t * std::pow(10000.0, -i / 16.0);
      c[t * 16 + i] = (float)std::cos(angle);
      s[t * 16 + i] = (float)std::sin(angle);
    }
}

// Adds the gradient of sum(weight * loss) over the S chosen positions to `grad`; returns each one's loss in `losses`.
// With `best` set only the likeliest next token of each chosen position is found, and nothing is added.
void run(const float *flat, float *grad, const int32_t *ids, int B, int T, const int32_t *chosen, const int32_t *target,
         const float *weight, int S, float *losses, int32_t *best) {
  Net &n = net;
  const int L = n.layers, V = n.vocabulary, M = B * T, W = upTo32(T);
  const size_t MD = size_t(M) * D;
  float *x = n.x.get(MD * (L + 1)), *mid = n.mid.get(MD * L), *rs1 = n.rs1.get(size_t(M) * (L + 1)), *rs2 = n.rs2.get(size_t(M) * L);
  bf16 *h1 = n.h1.get(MD * L), *q = n.q.get(size_t(M) * QKV * L), *o = n.o.get(MD * L), *h2 = n.h2.get(MD * L);
  bf16 *gu = n.gu.get(size_t(M) * GU * L), *act = n.act.get(size_t(M) * FEED * L);
  float *lse = n.lse.get(size_t(M) * HEADS * L), *big = n.big.get(size_t(M) * GU), *scores = n.scores.get(size_t(T + 16) * W);
  bf16 *pb = n.pb.get(size_t(T + 16) * W);
  uint32_t *pk = n.pk.get(size_t(W) * HD), *pv = n.pv.get(size_t(W) * HD), *pk2 = n.pk2.get(size_t(W) * HD), *pv2 = n.pv2.get(size_t(W) * HD);
  float *t1 = n.t1.get(MD);
  const float scale = 1.f / std::sqrt(float(HD));
  for (int m = 0; m < M; m++) memcpy(x + size_t(m) * D, flat + size_t(ids[m]) * D, D * 4);
  for (int l = 0; l < L; l++) {
    const Layer w = layerOf(flat, V, l);
    float *xl = x + MD * l, *ml = mid + MD * l, *xn = x + MD * (l + 1);
    bf16 *ql = q + size_t(M) * QKV * l, *ol = o + MD * l, *hl = h1 + MD * l, *h2l = h2 + MD * l;
    normForward(xl, w.norm1, M, hl, rs1 + size_t(M) * l);
    rowsTimes(M, QKV, D, hl, D, n.packed.at[l][0], big, QKV, false);
    rotate(big, HEADS, QKV, M, T, scale, false);
    rotate(big + D, KV, QKV, M, T, 1.f, false);
    narrow(big, ql, size_t(M) * QKV);
    for (int b = 0; b < B; b++)
      for (int g = 0; g < KV; g++) {
        const bf16 *k = ql + size_t(b) * T * QKV + D + g * HD, *v = k + KV * HD;
        keyPanels(k, QKV, T, pk);
        pairRows(v, QKV, T, HD, pv, HD);
        for (int r = 0; r < HEADS / KV; r++) {
          const int h = g * (HEADS / KV) + r;
          causal(T, ql + size_t(b) * T * QKV + h * HD, QKV, pk, scores, W);
          for (int t = 0; t < T; t++) {
            const int end = upTo32((t / 14 + 1) * 14 + 2 < T ? (t / 14 + 1) * 14 + 2 : T);
            lse[((size_t(l) * B + b) * HEADS + h) * T + t] = softmaxRow(scores + size_t(t) * W, t + 1, end < W ? end : W);
            narrow(scores + size_t(t) * W, pb + size_t(t) * W, end < W ? end : W);
          }
          mixRows(T, pb, W, pv, t1 + size_t(b) * T * D + h * HD, D, false);
        }
      }
    narrow(t1, ol, MD);
    memcpy(ml, xl, MD * 4);
    rowsTimes(M, D, D, ol, D, n.packed.at[l][2], ml, D, true);
    normForward(ml, w.norm2, M, h2l, rs2 + size_t(M) * l);
    rowsTimes(M, GU, D, h2l, D, n.packed.at[l][4], big, GU, false);
    narrow(big, gu + size_t(M) * GU * l, size_t(M) * GU);
    bf16 *al = act + size_t(M) * FEED * l;
    for (int m = 0; m < M; m++)
      for (int i = 0; i < FEED; i += 16) {
        const __m512 g = _mm512_loadu_ps(big + size_t(m) * GU + i), u = _mm512_loadu_ps(big + size_t(m) * GU + FEED + i);
        const __m512 s = _mm512_div_ps(g, _mm512_add_ps(_mm512_set1_ps(1), exp512(_mm512_sub_ps(_mm512_setzero_ps(), g))));
        _mm256_storeu_si256((__m256i *)(al + size_t(m) * FEED + i), (__m256i)_mm512_cvtneps_pbh(_mm512_mul_ps(s, u)));
      }
    memcpy(xn, ml, MD * 4);
    rowsTimes(M, D, FEED, al, FEED, n.packed.at[l][6], xn, D, true);
  }
  // The head, on the chosen positions alone, a few rows at a time.
  float *xl = x + MD * L, *dx = n.t2.get(MD), *rsL = rs1 + size_t(M) * L;
  const float *normL = flat + size_t(V) * D;
  bf16 *hb = n.hb.get(MD);
  normForward(xl, normL, M, hb, rsL);
  bf16 *hs = n.hs.get(size_t(S) * D), *dl = n.dl.get(size_t(256) * V);
  for (int s = 0; s < S; s++) memcpy(hs + size_t(s) * D, hb + size_t(chosen[s]) * D, D * 2);
  float *head = n.head.get(size_t(256) * V), *dh = n.delta.get(MD);
  if (!best) memset(dh, 0, MD * 4);
  Buffer<float> rowsOf;
  float *dhs = rowsOf.get(size_t(256) * D);
  for (int s0 = 0; s0 < S; s0 += 256) {
    const int rows = S - s0 < 256 ? S - s0 : 256;
    rowsTimes(rows, V, D, hs + size_t(s0) * D, D, n.packed.at[8][0], head, V, false);
    for (int r = 0; r < rows; r++) {
      float *z = head + size_t(r) * V;
      if (best) {
        int top = 0;
        for (int v = 1; v < V; v++) if (z[v] > z[top]) top = v;
        best[s0 + r] = top;
        continue;
      }
      const float right = z[target[s0 + r]];
      losses[s0 + r] = softmaxRow(z, V, V) - right;
      z[target[s0 + r]] -= 1;
      const float k = weight[s0 + r];
      for (int v = 0; v < V; v++) z[v] *= k;
      narrow(z, dl + size_t(r) * V, V);
    }
    if (best) continue;
    rowsTimes(rows, D, V, dl, V, n.packed.at[8][1], dhs, D, false);
    for (int r = 0; r < rows; r++) memcpy(dh + size_t(chosen[s0 + r]) * D, dhs + size_t(r) * D, D * 4);
    weightGradient(dl, V, hs + size_t(s0) * D, D, rows, grad);
  }
  if (best) return;
  memset(dx, 0, MD * 4);
  normBackward(xl, normL, rsL, dh, M, dx, grad + size_t(V) * D);
  bf16 *db = n.db.get(size_t(M) * GU), *db2 = n.db2.get(size_t(M) * GU), *sb = n.sb.get(size_t(T + 16) * W);
  float *ds = n.ds.get(size_t(T + 16) * W), *qf = n.qf.get(size_t(M) * QKV);
  uint32_t *pairs = n.pairs.get(size_t(W) * W);
  for (int l = L - 1; l >= 0; l--) {
    const Layer w = layerOf(flat, V, l);
    const size_t off = w.norm1 - flat;
    float *g1 = grad + off, *gq = grad + (w.qkv - flat), *go = grad + (w.o - flat), *g2 = grad + (w.norm2 - flat);
    float *gg = grad + (w.gu - flat), *gd = grad + (w.down - flat);
    const bf16 *ql = q + size_t(M) * QKV * l, *ol = o + MD * l;
    // Feed-forward.
    narrow(dx, db, MD);
    weightGradient(db, D, act + size_t(M) * FEED * l, FEED, M, gd);
    rowsTimes(M, FEED, D, db, D, n.packed.at[l][7], big, FEED, false);
    const bf16 *gul = gu + size_t(M) * GU * l;
    for (int m = 0; m < M; m++)
      for (int i = 0; i < FEED; i += 16) {
        const __m512 d = _mm512_loadu_ps(big + size_t(m) * FEED + i), g = widen(gul + size_t(m) * GU + i), u = widen(gul + size_t(m) * GU + FEED + i);
        const __m512 one = _mm512_set1_ps(1), s = _mm512_div_ps(one, _mm512_add_ps(one, exp512(_mm512_sub_ps(_mm512_setzero_ps(), g))));
        const __m512 silu = _mm512_mul_ps(g, s), slope = _mm512_mul_ps(s, _mm512_fmadd_ps(g, _mm512_sub_ps(one, s), one));
        _mm256_storeu_si256((__m256i *)(db2 + size_t(m) * GU + i), (__m256i)_mm512_cvtneps_pbh(_mm512_mul_ps(_mm512_mul_ps(d, u), slope)));
        _mm256_storeu_si256((__m256i *)(db2 + size_t(m) * GU + FEED + i), (__m256i)_mm512_cvtneps_pbh(_mm512_mul_ps(d, silu)));
      }
    weightGradient(db2, GU, h2 + MD * l, D, M, gg);
    rowsTimes(M, D, GU, db2, GU, n.packed.at[l][5], t1, D, false);
    normBackward(mid + MD * l, w.norm2, rs2 + size_t(M) * l, t1, M, dx, g2);
    // Attention.
    narrow(dx, db, MD);
    weightGradient(db, D, ol, D, M, go);
    rowsTimes(M, D, D, db, D, n.packed.at[l][3], t1, D, false);
    bf16 *dob = db2;
    narrow(t1, dob, MD);
    memset(qf, 0, size_t(M) * QKV * 4);
    for (int b = 0; b < B; b++)
      for (int g = 0; g < KV; g++) {
        const size_t row = size_t(b) * T;
        const bf16 *k = ql + row * QKV + D + g * HD, *v = k + KV * HD;
        keyPanels(k, QKV, T, pk);
        keyPanels(v, QKV, T, pv);
        pairRows(k, QKV, T, HD, pk2, HD);
        for (int r = 0; r < HEADS / KV; r++) {
          const int h = g * (HEADS / KV) + r;
          const bf16 *qh = ql + row * QKV + h * HD, *doh = dob + row * D + h * HD, *oh = ol + row * D + h * HD;
          causal(T, qh, QKV, pk, scores, W);
          causal(T, doh, D, pv, ds, W);
          for (int t = 0; t < T; t++) {
            float *p = scores + size_t(t) * W, *d = ds + size_t(t) * W;
            const __m512 z = _mm512_set1_ps(lse[((size_t(l) * B + b) * HEADS + h) * T + t]);
            float dot = 0;
            for (int i = 0; i < HD; i++) dot += t1[(row + t) * D + h * HD + i] * wide(oh[size_t(t) * D + i]);
            const __m512 dt = _mm512_set1_ps(dot);
            for (int i = 0; i < W; i += 16) {
              const __mmask16 keep = i > t ? 0 : t + 1 - i >= 16 ? 0xffff : (__mmask16)((1u << (t + 1 - i)) - 1);
              const __m512 e = keep ? _mm512_maskz_mov_ps(keep, exp512(_mm512_sub_ps(_mm512_loadu_ps(p + i), z))) : _mm512_setzero_ps();
              const __m512 y = keep ? _mm512_maskz_mul_ps(keep, e, _mm512_sub_ps(_mm512_loadu_ps(d + i), dt)) : _mm512_setzero_ps();
              _mm256_storeu_si256((__m256i *)(pb + size_t(t) * W + i), (__m256i)_mm512_cvtneps_pbh(e));
              _mm256_storeu_si256((__m256i *)(sb + size_t(t) * W + i), (__m256i)_mm512_cvtneps_pbh(y));
            }
          }
          mixRows(T, sb, W, pk2, qf + row * QKV + h * HD, QKV, true);
          pairRows(sb, W, T, W, pairs, W);
          pairRows(qh, QKV, T, HD, pv2, HD);
          mixColumns(T, pairs, W, pv2, qf + row * QKV + D + g * HD, QKV);
          pairRows(pb, W, T, W, pairs, W);
          pairRows(doh, D, T, HD, pv2, HD);
          mixColumns(T, pairs, W, pv2, qf + row * QKV + D + (KV + g) * HD, QKV);
        }
      }
    rotate(qf, HEADS, QKV, M, T, scale, true);
    rotate(qf + D, KV, QKV, M, T, 1.f, true);
    narrow(qf, db, size_t(M) * QKV);
    weightGradient(db, QKV, h1 + MD * l, D, M, gq);
    rowsTimes(M, D, QKV, db, QKV, n.packed.at[l][1], t1, D, false);
    normBackward(x + MD * l, w.norm1, rs1 + size_t(M) * l, t1, M, dx, g1);
  }
  for (int m = 0; m < M; m++) {
    float *g = grad + size_t(ids[m]) * D;
    const float *d = dx + size_t(m) * D;
    for (int i = 0; i < D; i++) g[i] += d[i];
  }
}
}
