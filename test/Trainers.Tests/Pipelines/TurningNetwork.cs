using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Trainers.Tests;

/// <summary>A network of one's own whose last operation gives a view; <see cref="IsInOrder"/> puts its numbers in order.</summary>
internal sealed class TurningNetwork : Network
{
    public bool IsInOrder { get; init; }

    public override void Validate(DataShape shape)
    {
    }

    public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
        => ops.Custom(new Turn(IsInOrder), ops.ToFloat32(ops.Conv2d(ops.ToWorking(x), "in", 1, 3)));

    private sealed class Turn(bool isInOrder) : CustomOperation
    {
        public override int[] SizesOf(IReadOnlyList<CustomInput> inputs) => [.. inputs[0].Sizes];

        public override Tensor Run(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> parameters)
        {
            using var fresh = inputs[0].neg();
            using var turned = fresh.transpose(2, 3);
            return isInOrder ? turned.contiguous() : turned.alias();
        }
    }
}
