using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion;

/// <summary>
/// Arithmetic with numbers and sums of tensors. TorchSharp makes a native number for each call, of which nothing but the call's raw handle holds on to: a
/// garbage collection at the wrong moment frees it while libtorch reads it. Here every number outlives its call.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar _one = 1, _minusOne = -1;

    /// <summary>a + b: a fresh tensor.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, _one);

    /// <summary>a + b, in the place of a.</summary>
    public static Tensor PlusInPlace(this Tensor a, Tensor b) => a.add_(b, _one);

    /// <summary>a − b: a fresh tensor.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, _minusOne);

    /// <summary>a − b, in the place of a.</summary>
    public static Tensor MinusInPlace(this Tensor a, Tensor b) => a.add_(b, _minusOne);

    /// <summary>x + 1: a fresh tensor.</summary>
    public static Tensor PlusOne(this Tensor x) => x.add(_one);

    /// <summary>x + number: a fresh tensor.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.add(scalar);
    }

    /// <summary>x + number, in the place of x.</summary>
    public static Tensor PlusInPlace(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.add_(scalar);
    }

    /// <summary>factor·x: a fresh tensor.</summary>
    public static Tensor Times(this Tensor x, double factor)
    {
        using Scalar number = factor;
        return x.mul(number);
    }

    /// <summary>factor·x, in the place of x.</summary>
    public static Tensor TimesInPlace(this Tensor x, double factor)
    {
        using Scalar number = factor;
        return x.mul_(number);
    }

    /// <summary>The number in every place of x.</summary>
    public static Tensor FillInPlace(this Tensor x, double number)
    {
        using Scalar scalar = number;
        return x.fill_(scalar);
    }

    /// <summary>x², place by place: a fresh tensor. TorchSharp's own is a power of a number.</summary>
    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>x, limited to [least, greatest]: a fresh tensor.</summary>
    public static Tensor Limit(this Tensor x, double least, double greatest)
    {
        using Scalar lower = least, upper = greatest;
        return x.clamp(lower, upper);
    }

    /// <summary>The number that a tensor of one number holds, on any device and of any real type.</summary>
    public static double Number(this Tensor x)
    {
        using var number = x.to(ScalarType.Float64);
        return number.item<double>();
    }

    /// <summary>Where x is 1.</summary>
    public static Tensor IsOne(this Tensor x) => x.eq(_one);

    /// <summary>x + a·b: a fresh tensor.</summary>
    public static Tensor PlusProduct(this Tensor x, Tensor a, Tensor b) => addcmul(x, a, b, _one);
}
