using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>Ways between two latents, row by row.</summary>
public static class LatentPath
{
    // Below this angle, in double's digits, the great circle is the straight line, and its formula 0/0.
    private const double SmallestSine = 1e-6;

    /// <summary>The straight line, <c>a + weight·(b − a)</c>: exact at both ends.</summary>
    /// <param name="a">a [B, ...].</param>
    /// <param name="b">b [B, ...].</param>
    /// <param name="weight">The weight of b in each row, [B]; in [0, 1].</param>
    /// <returns>A fresh tensor of the shape of <paramref name="a"/>.</returns>
    public static Tensor Line(Tensor a, Tensor b, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(a);
        using var broad = Broadcast(weight, a);
        return lerp(a, b, broad);
    }

    /// <summary>
    /// The great circle (Song et al. 2021, arXiv:2010.02502, eq. 67), <c>(sin((1 − weight)·θ)·a + sin(weight·θ)·b)/sin θ</c> with θ the angle between a and b: what
    /// lies between two draws of noise then has the length of a draw. The straight line where a and b are parallel.
    /// </summary>
    /// <param name="a">a [B, ...].</param>
    /// <param name="b">b [B, ...].</param>
    /// <param name="weight">The weight of b in each row, [B]; in [0, 1].</param>
    /// <returns>A fresh tensor of the shape of <paramref name="a"/>.</returns>
    public static Tensor Slerp(Tensor a, Tensor b, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(weight);
        using var scope = NewDisposeScope();
        // Sums over many places and a difference of angles: double, whatever the latents are.
        var (left, right) = (a.flatten(1).to(float64), b.flatten(1).to(float64));
        var share = weight.to(float64).reshape(-1, 1);
        var lengths = left.mul(left).sum(1, keepdim: true).mul(right.mul(right).sum(1, keepdim: true)).sqrt();
        var cosine = left.mul(right).sum(1, keepdim: true).div(lengths).Limit(-1, 1);
        var angle = cosine.acos();
        var sine = angle.sin();
        var rest = ones_like(share).Minus(share);
        using Scalar smallest = SmallestSine;
        var curved = sine.gt(smallest);
        // Not a number where a latent is 0: compares false, so a straight line too.
        var first = where(curved, rest.mul(angle).sin().div(sine), rest);
        var second = where(curved, share.mul(angle).sin().div(sine), share);
        return left.mul(first).PlusInPlace(right.mul(second)).view(a.shape).to(a.dtype).MoveToOuterDisposeScope();
    }

    // [B] to [B, 1, ...] in the type of the latents.
    private static Tensor Broadcast(Tensor weight, Tensor like)
    {
        var shape = new long[like.dim()];
        Array.Fill(shape, 1);
        shape[0] = like.size(0);
        using var typed = weight.to(like.dtype, like.device, copy: true);
        return typed.reshape(shape);
    }
}
