namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class ProductsTests
{
    [TestMethod]
    public void ProductsOfRow_KnownLayers_CountsThem()
    {
        // Convolutions: 8·8 places, 3·3 taps, 2 → 4 channels; then by a stride of 2, 4 → 6; a product of 4·4·6 values with 10 columns; attention of 16 places to 16 of 2 heads, 3 and 3 wide.
        long expected = 64 * 9 * 2 * 4 + 16 * 9 * 4 * 6 + 16 * 6 * 10 + 2 * 16 * 16 * (3 + 3);
        Assert.AreEqual(expected, new Layers().ProductsOfRow(new DataShape(2, 8, 8), ConditionLayout.Empty));
    }

    private sealed class Layers : Network
    {
        public override DataShape AnswerShape(DataShape shape) => new(2, 16, 3);

        public override void Validate(DataShape shape)
        {
        }

        public override T Forward<T>(IOps<T> ops, T x, T level, IReadOnlyList<Condition<T>> conditions)
        {
            var h = ops.Conv2d(ops.Conv2d(ops.ToWorking(x), "a", 4, 3), "b", 6, 3, stride: 2);
            var places = ops.Transpose(ops.Reshape(h, 6, 16), 1, 2);
            _ = ops.Linear(places, "c", 10);
            var heads = ops.Transpose(ops.Reshape(places, 16, 2, 3), 1, 2);
            return ops.ToFloat32(ops.Attention(heads, heads, heads));
        }
    }
}
