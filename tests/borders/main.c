/* SPDX-License-Identifier: Apache-2.0 */
/* Linked with one folder at a time: what counts is that it links. */
int main(void)
{
	return 0;
}
